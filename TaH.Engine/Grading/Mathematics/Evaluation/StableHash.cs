namespace TaH.Engine;

/// <summary>A number made from a name that is the same in every process.</summary>
internal static class StableHash
{
    /// <summary>FNV-1a over the characters, begun from the seed.</summary>
    public static int Of(string name, int seed)
    {
        var hash = 2166136261u ^ (uint)seed * 2654435761u;
        foreach (var letter in name) hash = (hash ^ letter) * 16777619u;
        return (int)(hash & int.MaxValue);
    }
}

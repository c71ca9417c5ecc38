namespace TaH.Engine;

/// <summary>One process alone.</summary>
internal sealed class SingleRank : ICommunicator
{
    public int Rank => 0;

    public int WorldSize => 1;

    public void Sum(Floats values)
    {
    }

    public void Sum(double[] values)
    {
    }

    public void Dispose()
    {
    }
}

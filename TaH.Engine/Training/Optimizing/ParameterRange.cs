namespace TaH.Engine;

/// <summary>Parameters of a group that one launch changes: those that decay, or the others.</summary>
/// <param name="Group">The group.</param>
/// <param name="Number">Which of the trained groups, from 0.</param>
/// <param name="Decays">Matrices decay; norms and biases do not.</param>
internal sealed record ParameterRange(ParameterGroup Group, int Number, bool Decays)
{
    /// <summary>Elements.</summary>
    public long Length => Decays ? Group.DecayingLength : Group.Length - Group.DecayingLength;

    private long Start => Decays ? 0 : Group.DecayingLength;

    /// <summary>Their values.</summary>
    public Floats Values => Group.Values.SubView(Start, Length);

    /// <summary>Their gradients.</summary>
    public Floats Gradients => Group.Gradients.SubView(Start, Length);

    /// <summary>What products read of them, rounded to bf16; empty where they read f32.</summary>
    public ILGPU.ArrayView<ushort> Narrowed => Group.Narrowed.Length == 0 ? default : Group.Narrowed.SubView(Start, Length);

    /// <summary>The ranges of groups that have any elements.</summary>
    public static ParameterRange[] Of(IReadOnlyList<ParameterGroup> groups) =>
    [
        .. from number in Enumerable.Range(0, groups.Count)
           from decays in new[] { true, false }
           let range = new ParameterRange(groups[number], number, decays)
           where range.Length > 0
           select range,
    ];
}

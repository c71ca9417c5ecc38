namespace TaH.Kernels;

/// <summary>What of a pass's end is read later, beside the accumulated logits and the largest of them.</summary>
[Flags]
public enum HeadOutputs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The last hidden state, after the final norm, of every row.</summary>
    Normed = 1,

    /// <summary>The pass's own logits, before they are added to those of earlier depths.</summary>
    Raw = 2,
}

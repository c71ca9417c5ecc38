namespace TaH.Engine;

/// <summary>The parts of a model that a stage trains.</summary>
[Flags]
internal enum TrainedParts
{
    None = 0,

    /// <summary>Embedding, layers, norms and head.</summary>
    Backbone = 1,

    /// <summary>The updates of deeper passes.</summary>
    Lora = 2,

    /// <summary>The decider.</summary>
    Decider = 4,
}

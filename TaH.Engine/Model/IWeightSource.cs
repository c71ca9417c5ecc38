namespace TaH.Engine;

/// <summary>Where a model's weights come from, by the names of the Hugging Face layout.</summary>
internal interface IWeightSource
{
    ModelDescription Model { get; }

    /// <summary>The parameters of the learned decider; null for a model without one.</summary>
    DeciderWeights? Decider { get; }

    /// <summary>A matrix of the base model, on a device; the caller disposes of it.</summary>
    WeightMatrix Matrix(ComputeDevice device, string name);

    /// <summary>A vector of the base model.</summary>
    float[] Vector(string name);

    /// <summary>The down-projection of a projection's update, [rank, inputs]; null where it has none.</summary>
    WeightMatrix? LoraA(ComputeDevice device, int layer, string projection);

    /// <summary>The up-projection of a projection's update, [outputs, rank]; null where it has none.</summary>
    WeightMatrix? LoraB(ComputeDevice device, int layer, string projection);
}

namespace TaH.Engine;

/// <summary>Where a model's weights come from, by the names of the Hugging Face layout. Disposing of it ends whatever is still on its way.</summary>
internal interface IWeightSource : IDisposable
{
    ModelDescription Model { get; }

    /// <summary>The parameters of the learned decider; null for a model without one.</summary>
    DeciderWeights? Decider { get; }

    /// <summary>A matrix of the base model, on the device; the caller disposes of it. Its elements may arrive later.</summary>
    WeightMatrix Matrix(string name);

    /// <summary>A vector of the base model.</summary>
    float[] Vector(string name);

    /// <summary>The down-projection of a projection's update, [rank, inputs]; null where it has none.</summary>
    WeightMatrix? LoraA(int layer, string projection);

    /// <summary>The up-projection of a projection's update, [outputs, rank]; null where it has none.</summary>
    WeightMatrix? LoraB(int layer, string projection);

    /// <summary>Waits until the elements of every matrix have arrived.</summary>
    void Complete();
}

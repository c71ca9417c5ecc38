namespace TaH.Kernels;

/// <summary>Makes the operations of a device.</summary>
public static class Backend
{
    /// <summary>The operations of a device, with buffers for a model.</summary>
    /// <param name="device">Where they run.</param>
    /// <param name="shape">The model's sizes.</param>
    /// <param name="maxRows">Rows of the largest pass.</param>
    /// <param name="maxSequences">Sequences that may need a token at a time.</param>
    /// <param name="precision">How exactly products of many rows are made.</param>
    public static IOperations Create(
        ComputeDevice device, ModelShape shape, int maxRows, int maxSequences, ProductPrecision precision = ProductPrecision.Auto)
    {
        var maxSampled = Math.Min(maxRows, maxSequences);
        return new StagedOperations(PtxLoader.Serves(device)
            ? new CudaOperations(device, shape, maxRows, maxSampled, precision)
            : new ComposedOperations(device, shape, maxRows, maxSampled));
    }
}

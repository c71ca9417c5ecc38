namespace TaH.Engine;

/// <summary>How a model is loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>What it runs on; by default CUDA, then an OpenCL GPU, then the CPU.</summary>
    public DeviceSelector Device { get; init; } = DeviceSelector.Auto;

    /// <summary>The generation whose kernels a CUDA device runs; null for its own. An older one shows what an older card would do.</summary>
    public CudaGeneration? Kernels { get; init; }

    /// <summary>Opens the device.</summary>
    /// <exception cref="DeviceNotFoundException">The device that was asked for is not there.</exception>
    /// <exception cref="UsageException">It does not run the kernels that were asked for.</exception>
    internal ComputeDevice OpenDevice()
    {
        var device = DeviceCatalog.Open(Device);
        try
        {
            if (Kernels is { } generation) Choose(device, generation);
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static void Choose(ComputeDevice device, CudaGeneration generation)
    {
        if (device.Kind != DeviceKind.Cuda)
            throw new UsageException($"kernels are chosen on CUDA devices only; this device is {device.Info.Selector}");
        try
        {
            device.Generation = generation;
        }
        catch (NotSupportedException refused)
        {
            throw new UsageException(refused.Message);
        }
    }
}

/// <summary>How a session of a model is opened: what its grid and its buffers are sized for.</summary>
public sealed record SessionOptions
{
    /// <summary>How keys and values are stored; null for what <see cref="TahModel.KvTypeFor"/> says.</summary>
    public ElementType? KvType { get; init; }

    /// <summary>Entries of a page of the KV grid.</summary>
    public int PageSize { get; init; } = 16;

    /// <summary>Positions that a sequence may have; null for the model's own limit.</summary>
    public int? ContextLimit { get; init; }

    /// <summary>Sequences that may run at a time.</summary>
    public int MaxSequences { get; init; } = 1;

    /// <summary>
    /// Rows of the largest pass; a longer prompt is prefilled in chunks of at most this many. Null for what suits the device: 2,048 on CUDA, 512 on
    /// the CPU, else 64.
    /// </summary>
    public int? MaxRows { get; init; }

    /// <summary>How exactly products of many rows are made.</summary>
    public ProductPrecision Precision { get; init; }

    /// <summary>Depths of the grid; null for the model's max_iter.</summary>
    public int? MaxIter { get; init; }

    /// <summary>Throws where a value makes no sense for any model.</summary>
    /// <exception cref="UsageException">The message names the value and its range.</exception>
    public void Validate() => SessionLimits.Check(this);
}

namespace TaH.Engine;

/// <summary>How a model is loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>What it runs on; by default CUDA, then an OpenCL GPU, then the CPU.</summary>
    public DeviceSelector Device { get; init; } = DeviceSelector.Auto;
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
    /// Rows of the largest pass; a longer prompt is prefilled in chunks of at most this many. Null for what suits the device: 2,048 on CUDA, 512 on the CPU, else 64.
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

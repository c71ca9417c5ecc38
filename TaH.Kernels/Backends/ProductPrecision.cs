namespace TaH.Kernels;

/// <summary>How exactly products of 16-bit weights with many rows of activations are made.</summary>
public enum ProductPrecision
{
    /// <summary>Activations are rounded to 16 bits where the device has tensor cores, as the official code does everywhere; sums are f32.</summary>
    Auto,

    /// <summary>Activations stay f32 on every device: slower prefill on GPUs, and results that do not depend on how many rows share a pass.</summary>
    F32,
}

namespace TaH.Kernels;

/// <summary>The kinds of accelerator that the kernels run on.</summary>
public enum DeviceKind
{
    /// <summary>The processor itself, through SIMD kernels on a pool of threads.</summary>
    Cpu,

    /// <summary>Any OpenCL 2.0 device, a GPU or a CPU runtime such as PoCL.</summary>
    OpenCl,

    /// <summary>An NVIDIA GPU through its driver; no CUDA toolkit is needed.</summary>
    Cuda,
}

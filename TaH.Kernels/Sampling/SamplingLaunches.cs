using ILGPU;

namespace TaH.Kernels;

/// <summary>The portable kernels, each compiled when it is first needed.</summary>
internal sealed class SamplingLaunches(ComputeDevice device)
{
    public Action<KernelConfig, Floats, ArrayView<SampleParameters>, Ints, Floats, int> Penalise { get; } =
        device.Load<Floats, ArrayView<SampleParameters>, Ints, Floats, int>(SamplingPortable.Penalise);

    public Action<KernelConfig, Floats, ArrayView<SampleParameters>, Floats, Ints, int> Largest { get; } =
        device.Load<Floats, ArrayView<SampleParameters>, Floats, Ints, int>(SamplingPortable.Largest);

    public Action<KernelConfig, Floats, ArrayView<SampleParameters>, Floats, Floats, Ints, Ints, int> Draw { get; } =
        device.Load<Floats, ArrayView<SampleParameters>, Floats, Floats, Ints, Ints, int>(SamplingPortable.Draw);
}

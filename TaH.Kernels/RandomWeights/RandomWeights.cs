using ILGPU;

namespace TaH.Kernels;

/// <summary>Weights that no training made, for measurements: the same on every device, and made where they are used.</summary>
public sealed class RandomWeights
{
    private readonly ComputeDevice _device;
    private readonly Action<KernelConfig, Halves, RandomWeightsShape>? _portable;

    /// <summary>Prepares the variant that suits a device.</summary>
    public RandomWeights(ComputeDevice device)
        : this(device, device.Kind == DeviceKind.Cpu ? RandomWeightsVariant.Simd : RandomWeightsVariant.Portable)
    {
    }

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where the weights go.</param>
    /// <param name="variant">How they are made.</param>
    public RandomWeights(ComputeDevice device, RandomWeightsVariant variant)
    {
        _device = device;
        if (variant == RandomWeightsVariant.Simd) device.RequireCpu(nameof(RandomWeightsVariant.Simd));
        else _portable = device.Load<Halves, RandomWeightsShape>(RandomWeightsPortable.Kernel);
    }

    /// <summary>A new bfloat16 matrix of uniform random values.</summary>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="bound">Values lie within plus and minus this.</param>
    /// <param name="seed">Decides which.</param>
    public WeightMatrix Make(int rows, int columns, float bound, uint seed)
    {
        var matrix = WeightMatrix.Allocate(_device, ElementType.Bf16, rows, columns);
        var shape = new RandomWeightsShape(matrix.Length, bound, seed);
        if (_portable is not null) _portable(Elements.Config(_device, shape.Length), matrix.Halves, shape);
        else RandomWeightsSimd.Run(_device.Workers!, matrix.Halves, shape);
        return matrix;
    }
}

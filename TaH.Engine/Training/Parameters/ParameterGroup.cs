using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>
/// Parameters behind each other in one piece of device memory, so that an optimizer takes them all in one launch: f32 masters, and where they are
/// trained their gradients. Those that decay come first.
/// </summary>
internal sealed class ParameterGroup : IDisposable
{
    private const int Alignment = 64; // elements: what any kernel's loads ask for

    private readonly ComputeDevice _device;
    private readonly Dictionary<string, Parameter> _byName = new(StringComparer.Ordinal);
    private readonly FloatBuffer _values;
    private readonly FloatBuffer? _gradients;
    private readonly MemoryBuffer1D<ushort, ILGPU.Stride1D.Dense>? _narrowed;

    /// <summary>Allocates a group; values are undefined, gradients zero.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="specs">The tensors.</param>
    /// <param name="trained">Whether they have gradients.</param>
    /// <param name="precision">What products read.</param>
    public ParameterGroup(ComputeDevice device, IEnumerable<ParameterSpec> specs, bool trained, TrainingPrecision precision)
    {
        _device = device;
        foreach (var spec in specs.OrderByDescending(spec => spec.Decays))
        {
            var parameter = new Parameter(spec.Name, spec.Shape, spec.Decays, Length);
            _byName.Add(spec.Name, parameter);
            Length += (parameter.Length + Alignment - 1) / Alignment * Alignment;
            if (spec.Decays) DecayingLength = Length;
        }
        _values = device.AllocateFloats(Length);
        _values.MemSetToZero(device.Accelerator.DefaultStream);
        if (trained) _gradients = device.AllocateFloats(Length);
        _gradients?.MemSetToZero(device.Accelerator.DefaultStream);
        if (precision == TrainingPrecision.Bf16) _narrowed = device.Accelerator.Allocate1D<ushort>(Math.Max(1, Length));
    }

    /// <summary>Where they live.</summary>
    public ComputeDevice Device => _device;

    /// <summary>All parameters, in the order of their places.</summary>
    public IEnumerable<Parameter> Parameters => _byName.Values.OrderBy(parameter => parameter.Start);

    /// <summary>Elements in all, gaps between parameters included; gaps hold zeros.</summary>
    public long Length { get; }

    /// <summary>Elements of those that decay, which come first.</summary>
    public long DecayingLength { get; }

    /// <summary>Whether there are gradients.</summary>
    public bool IsTrained => _gradients is not null;

    /// <summary>Every value, with its memory.</summary>
    public FloatBuffer ValueBuffer => _values;

    /// <summary>Every value.</summary>
    public Floats Values => _values.View.BaseView;

    /// <summary>Every gradient.</summary>
    public Floats Gradients => _gradients!.View.BaseView;

    /// <summary>Every value rounded to bf16, for products; empty where they read f32.</summary>
    public ILGPU.ArrayView<ushort> Narrowed => _narrowed is null ? default : _narrowed.View.BaseView;

    /// <summary>The parameter of a name.</summary>
    public Parameter this[string name] => _byName[name];

    /// <summary>Whether there is a parameter of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>A parameter's values.</summary>
    public Floats ValuesOf(string name) => Values.SubView(this[name].Start, this[name].Length);

    /// <summary>A parameter's gradient; an empty view where it has none.</summary>
    public Floats GradientOf(string name) => IsTrained ? Gradients.SubView(this[name].Start, this[name].Length) : default;

    /// <summary>A matrix as products read it.</summary>
    public WeightMatrix Matrix(string name)
    {
        var parameter = this[name];
        return _narrowed is null ? Masters(name) : WeightMatrix.Over(ElementType.Bf16, parameter.Shape[0], parameter.Shape[1], _narrowed, parameter.Start);
    }

    /// <summary>A matrix in f32, whatever products read of the others.</summary>
    public WeightMatrix Masters(string name)
    {
        var parameter = this[name];
        return WeightMatrix.Over(ElementType.F32, parameter.Shape[0], parameter.Shape[1], _values, parameter.Start);
    }

    /// <summary>Sets a parameter.</summary>
    public void Write(string name, ReadOnlySpan<float> values)
    {
        if (values.Length != this[name].Length) throw new ShapeException(name, values.Length, this[name].Length);
        ValuesOf(name).CopyFromCPU(_device.Accelerator.DefaultStream, values);
        _device.Synchronize();
    }

    /// <summary>A parameter's values, on the host.</summary>
    public float[] Read(string name) => Download(ValuesOf(name));

    /// <summary>A parameter's gradient, on the host.</summary>
    public float[] ReadGradient(string name) => Download(GradientOf(name));

    /// <summary>Sets every gradient to zero.</summary>
    public void ClearGradients() => _gradients?.MemSetToZero(_device.Accelerator.DefaultStream);

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.Dispose();
        _gradients?.Dispose();
        _narrowed?.Dispose();
    }

    private float[] Download(Floats view)
    {
        var values = new float[view.Length];
        view.CopyToCPU(_device.Accelerator.DefaultStream, values);
        _device.Synchronize();
        return values;
    }
}

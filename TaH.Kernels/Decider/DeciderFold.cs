using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// The decider's first three products as one: nothing but additions stands between the projection of the top logits, the combined projection and the
/// input of the backbone, so that they are one linear layer from [hidden states ; top logits]. Made once, summed in double precision.
/// </summary>
internal sealed class DeciderFold : IDisposable
{
    private readonly FloatBuffer _weight;
    private readonly FloatBuffer _bias;

    /// <summary>Makes the layer on a device.</summary>
    /// <param name="device">Where the model's weights are.</param>
    /// <param name="model">The decider.</param>
    /// <param name="features">Elements of all hidden states of a row together.</param>
    public DeciderFold(ComputeDevice device, DeciderModel model, int features)
    {
        var (top, combined, input) = (model.LogitsProjection, model.Combined, model.Input);
        (Outer, Features) = (input.Weight.Rows, features);
        Inner = (features + model.TopK + MatVecTask.Octet - 1) / MatVecTask.Octet * MatVecTask.Octet;
        _weight = device.AllocateFloats((long)Outer * Inner);
        _bias = device.AllocateFloats(Outer);
        _weight.MemSetToZero(device.Accelerator.DefaultStream); // the columns behind the top logits
        var product = device.Load<Floats, Floats, Floats, Floats, DeciderFoldShape>(DeciderFoldPortable.Kernel);
        var middle = combined.Weight.Rows;
        using FloatBuffer topLayer = device.AllocateFloats((long)middle * model.TopK), topBias = device.AllocateFloats(middle);
        var none = _bias.View.BaseView; // not read
        // combined's part for the projection, times the projection and its bias
        Run(combined.Weight.Singles, top.Weight.Singles, none, topLayer.View, new DeciderFoldShape(
            middle, model.TopK, top.Weight.Rows, combined.Weight.Columns, features, model.TopK, model.TopK, 0, AddBias: 0));
        Run(combined.Weight.Singles, top.Bias.View, combined.Bias.View, topBias.View, new DeciderFoldShape(
            middle, 1, top.Weight.Rows, combined.Weight.Columns, features, 1, 1, 0, AddBias: 1));
        // input, times combined's part for the hidden states, that for the top logits, and the bias
        Run(input.Weight.Singles, combined.Weight.Singles, none, _weight.View, new DeciderFoldShape(
            Outer, features, middle, middle, 0, combined.Weight.Columns, Inner, 0, AddBias: 0));
        Run(input.Weight.Singles, topLayer.View, none, _weight.View, new DeciderFoldShape(
            Outer, model.TopK, middle, middle, 0, model.TopK, Inner, features, AddBias: 0));
        Run(input.Weight.Singles, topBias.View, input.Bias.View, _bias.View, new DeciderFoldShape(Outer, 1, middle, middle, 0, 1, 1, 0, AddBias: 1));
        device.Synchronize(); // the intermediates go

        void Run(Floats left, Floats right, Floats bias, Floats result, DeciderFoldShape shape) =>
            product(Elements.Config(device, (long)shape.Rows * shape.Columns), left, right, bias, result, shape);
    }

    /// <summary>Outputs.</summary>
    public int Outer { get; }

    /// <summary>Inputs in front of the top logits.</summary>
    public int Features { get; }

    /// <summary>Inputs, made up to a multiple of eight.</summary>
    public int Inner { get; }

    /// <summary>[outer, inner].</summary>
    public Floats Weight => _weight.View.BaseView;

    /// <summary>[outer].</summary>
    public Floats Bias => _bias.View.BaseView;

    /// <inheritdoc/>
    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
    }
}

using ILGPU;

namespace TaH.Kernels;

/// <summary>Collects what the decider reads: hidden states of the rows that want logits, and the top logits of their slots.</summary>
internal sealed class DeciderInput
{
    private readonly ComputeDevice _device;
    private readonly DeciderVariant _variant;
    private readonly Action<KernelConfig, Floats, Ints, Floats, DeciderRows>? _place;
    private readonly Action<KernelConfig, Floats, Ints, Ints, Floats, DeciderTopValues>? _placeTopValues;

    public DeciderInput(ComputeDevice device, DeciderVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant != DeciderVariant.Simd)
        {
            _place = device.Load<Floats, Ints, Floats, DeciderRows>(DeciderInputPortable.Place);
            _placeTopValues = device.Load<Floats, Ints, Ints, Floats, DeciderTopValues>(DeciderInputPortable.PlaceTopValues);
        }
        else
        {
            device.RequireCpu(nameof(DeciderVariant.Simd));
        }
    }

    /// <summary>target[r, offset + i] = source[rowOf[r] or r, i].</summary>
    public void Place(Floats source, Ints rowOf, Floats target, DeciderRows rows)
    {
        using var _ = _device.Profile(nameof(DeciderInput), _variant, Work(rows.Rows, rows.Width));
        if (_place is not null) _place(Elements.Config(_device, (long)rows.Rows * rows.Width), source, rowOf, target, rows);
        else DeciderInputSimd.Place(source, rowOf, target, rows);
    }

    /// <summary>target[r, i] = topValues[slotOf[rowOf[r]], i] for the first top-k of those kept, after a softmax over them if asked for.</summary>
    public void PlaceTopValues(Floats topValues, Ints rowOf, Ints slotOf, Floats target, DeciderTopValues top)
    {
        using var _ = _device.Profile(nameof(DeciderInput), _variant, Work(top.Rows, top.TopK));
        if (_placeTopValues is not null) _placeTopValues((top.Rows, _device.GroupSize), topValues, rowOf, slotOf, target, top);
        else DeciderInputSimd.PlaceTopValues(topValues, rowOf, slotOf, target, top);
    }

    private static KernelWork Work(int rows, int width) => new(2L * rows * width * sizeof(float), 0, rows, width);
}

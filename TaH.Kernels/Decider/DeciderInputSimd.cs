using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: copies of whole rows on the calling thread; they are too short to hand out.</summary>
internal static unsafe class DeciderInputSimd
{
    public static void Place(Floats source, Ints rowOf, Floats target, DeciderRows rows)
    {
        float* from = Pointers.Of(source), to = Pointers.Of(target);
        var table = rows.Gathered != 0 ? Pointers.Of(rowOf) : null;
        for (var row = 0; row < rows.Rows; row++)
        {
            var sourceRow = table is null ? row : table[row];
            new ReadOnlySpan<float>(from + ((long)sourceRow * rows.Width), rows.Width)
                .CopyTo(new Span<float>(to + ((long)row * rows.Stride) + rows.Offset, rows.Width));
        }
    }

    public static void PlaceTopValues(Floats topValues, Ints rowOf, Ints slotOf, Floats target, DeciderTopValues top)
    {
        float* from = Pointers.Of(topValues), to = Pointers.Of(target);
        int* rows = Pointers.Of(rowOf), slots = Pointers.Of(slotOf);
        for (var row = 0; row < top.Rows; row++)
        {
            var source = new ReadOnlySpan<float>(from + ((long)slots[rows[row]] * top.KeptTopK), top.TopK);
            var place = new Span<float>(to + ((long)row * top.TopK), top.TopK);
            if (top.Softmax == 0)
            {
                source.CopyTo(place);
                continue;
            }
            // From the largest down: TensorPrimitives.SoftMax would take exponentials of the values as they are.
            TensorPrimitives.Subtract(source, source[0], place);
            TensorPrimitives.SoftMax<float>(place, place);
        }
    }
}

using System.Numerics;
using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>
/// The CPU: heads spread over threads, vectors along half a head. Keys are rotated in place, then narrowed into the cache in one go.
/// </summary>
internal static unsafe class RotateAndStoreSimd
{
    public static void Run(
        CpuWorkers workers, QkvBuffers qkv, Floats queryNorm, Floats keyNorm, Floats rope, RowTable rows, KvLayer cache, RotateAndStoreShape shape) =>
        workers.For(shape.Rows * shape.RotatedHeads, grain: 32, new Job
        {
            Query = Pointers.Of(qkv.Query), Key = Pointers.Of(qkv.Key), Value = Pointers.Of(qkv.Value),
            QueryNorm = Pointers.Of(queryNorm), KeyNorm = Pointers.Of(keyNorm), Rope = Pointers.Of(rope),
            Positions = Pointers.Of(rows.Positions), Cells = Pointers.Of(rows.Cells),
            Keys = HostElements.Keys(cache), Values = HostElements.Values(cache), Shape = shape,
        });

    private struct Job : ICpuJob
    {
        public float* Query, Key, Value, QueryNorm, KeyNorm, Rope;
        public int* Positions, Cells;
        public HostElements Keys, Values;
        public RotateAndStoreShape Shape;

        public readonly void Run(int start, int end)
        {
            for (var unit = start; unit < end; unit++)
            {
                var (row, head) = Math.DivRem(unit, Shape.RotatedHeads);
                var angles = Rope + ((long)Positions[row] * Shape.HeadDim);
                if (head < Shape.Heads) NormAndRotate(Query + ((((long)row * Shape.Heads) + head) * Shape.HeadDim), QueryNorm, angles);
                else Store(row, head - Shape.Heads, angles);
            }
        }

        private readonly void Store(int row, int kvHead, float* angles)
        {
            var source = (((long)row * Shape.KvHeads) + kvHead) * Shape.HeadDim;
            var entry = (((long)Cells[row] * Shape.KvHeads) + kvHead) * Shape.HeadDim;
            NormAndRotate(Key + source, KeyNorm, angles);
            Keys.Narrow(new ReadOnlySpan<float>(Key + source, Shape.HeadDim), entry);
            Values.Narrow(new ReadOnlySpan<float>(Value + source, Shape.HeadDim), entry);
        }

        private readonly void NormAndRotate(float* head, float* norm, float* angles)
        {
            var half = Shape.HeadDim / 2;
            var squares = TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(head, Shape.HeadDim));
            var scale = 1f / MathF.Sqrt((squares / Shape.HeadDim) + Shape.Epsilon);
            var i = 0;
            for (; i <= half - Vector<float>.Count; i += Vector<float>.Count)
            {
                var low = Vector.Load(head + i) * scale * Vector.Load(norm + i);
                var high = Vector.Load(head + half + i) * scale * Vector.Load(norm + half + i);
                Vector<float> cos = Vector.Load(angles + i), sin = Vector.Load(angles + half + i);
                ((low * cos) - (high * sin)).Store(head + i);
                ((high * cos) + (low * sin)).Store(head + half + i);
            }
            for (; i < half; i++)
            {
                var low = head[i] * scale * norm[i];
                var high = head[half + i] * scale * norm[half + i];
                head[i] = (low * angles[i]) - (high * angles[half + i]);
                head[half + i] = (high * angles[i]) + (low * angles[half + i]);
            }
        }
    }
}

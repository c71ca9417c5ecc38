using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: one request a thread.</summary>
internal static unsafe class SamplingSimd
{
    public static void Run(CpuWorkers workers, Floats accumulated, SamplingScratch scratch, Ints result, int requests, int vocab) =>
        workers.For(requests, grain: 1, new Job
        {
            Accumulated = Pointers.Of(accumulated), Parameters = Pointers.Of(scratch.Parameters), Seen = Pointers.Of(scratch.Seen),
            Penalised = Pointers.Of(scratch.Penalised), Values = Pointers.Of(scratch.Values), Tokens = Pointers.Of(scratch.Tokens),
            Result = Pointers.Of(result), Vocab = vocab,
        });

    private struct Job : ICpuJob
    {
        public float* Accumulated, Penalised, Values;
        public SampleParameters* Parameters;
        public int* Seen, Tokens, Result;
        public int Vocab;

        public readonly void Run(int start, int end)
        {
            for (var request = start; request < end; request++)
            {
                var parameters = Parameters[request];
                var own = (long)request * Vocab;
                var row = new ReadOnlySpan<float>(Accumulated + ((long)parameters.Slot * Vocab), Vocab);
                if (parameters.SeenCount > 0) row = Penalise(row, parameters, new Span<float>(Penalised + own, Vocab));
                var token = IndexOfLargest(row);
                if (parameters.Temperature > 0f)
                    token = Draw(row, parameters, row[token], new Span<float>(Values + own, Vocab), new Span<int>(Tokens + own, Vocab)) ?? token;
                Result[request] = token;
            }
        }

        private readonly ReadOnlySpan<float> Penalise(ReadOnlySpan<float> row, SampleParameters parameters, Span<float> penalised)
        {
            row.CopyTo(penalised);
            var seen = Seen + (2L * parameters.FirstSeen);
            for (var i = 0; i < parameters.SeenCount; i++) penalised[seen[2 * i]] = parameters.Penalise(row[seen[2 * i]], seen[(2 * i) + 1]);
            return penalised;
        }
    }

    private static int IndexOfLargest(ReadOnlySpan<float> row)
    {
        var index = TensorPrimitives.IndexOfMax(row); // the first of equals, NaN above all
        return row[index] == 0f ? row.IndexOf(0f) : index; // but it takes +0 for larger than -0
    }

    private static int? Draw(ReadOnlySpan<float> row, SampleParameters parameters, float largest, Span<float> values, Span<int> tokens)
    {
        var listed = List(row, TopKFloor(row, parameters.TopK), values, tokens);
        var weights = ArrayPool<float>.Shared.Rent(listed);
        var place = new SpanDraw(values[..listed], weights.AsSpan(0, listed), largest, parameters).Run();
        ArrayPool<float>.Shared.Return(weights);
        return place is { } drawn ? tokens[drawn] : null;
    }

    /// <summary>The k-th largest logit; everything passes if there are no more than k.</summary>
    private static float TopKFloor(ReadOnlySpan<float> row, int k)
    {
        if (k <= 0 || k >= row.Length) return float.NegativeInfinity;
        var memory = ArrayPool<ulong>.Shared.Rent(LargestSelector.RoomFor(row.Length, k));
        var floor = row[LargestSelector.IndexOf(LargestSelector.Select(row, k, memory)[k - 1])];
        ArrayPool<ulong>.Shared.Return(memory);
        return floor;
    }

    /// <summary>Lists, in token order, the logits that reach the floor.</summary>
    private static int List(ReadOnlySpan<float> row, float floor, Span<float> values, Span<int> tokens)
    {
        var listed = 0;
        var below = MathF.BitDecrement(floor); // what is above this reaches the floor
        for (var i = LargestSelector.SkipNotAbove(row, 0, below); i < row.Length; i = LargestSelector.SkipNotAbove(row, i, below))
        {
            var end = Math.Min(i + (4 * Vector<float>.Count), row.Length);
            for (; i < end; i++)
            {
                if (row[i] > below) (values[listed], tokens[listed++]) = (row[i], i);
            }
        }
        return listed;
    }
}

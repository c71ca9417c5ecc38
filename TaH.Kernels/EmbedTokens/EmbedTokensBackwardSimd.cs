using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: a token's rows are added by one thread, vectors along a row.</summary>
internal static unsafe class EmbedTokensBackwardSimd
{
    public static void Run(CpuWorkers workers, Floats dy, TokenGroups groups, Floats dEmbedding, EmbedTokensShape shape) =>
        workers.For(groups.Distinct, grain: 1, new Job
        {
            Dy = Pointers.Of(dy), DEmbedding = Pointers.Of(dEmbedding), Rows = Pointers.Of(groups.Rows), Tokens = Pointers.Of(groups.Tokens),
            Starts = Pointers.Of(groups.Starts), Hidden = shape.Hidden,
        });

    private struct Job : ICpuJob
    {
        public float* Dy, DEmbedding;
        public int* Rows, Tokens, Starts;
        public int Hidden;

        public readonly void Run(int start, int end)
        {
            for (var i = start; i < end; i++)
            {
                var target = new Span<float>(DEmbedding + ((long)Tokens[i] * Hidden), Hidden);
                for (var at = Starts[i]; at < Starts[i + 1]; at++)
                    TensorPrimitives.Add(target, new ReadOnlySpan<float>(Dy + ((long)Rows[at] * Hidden), Hidden), target);
            }
        }
    }
}

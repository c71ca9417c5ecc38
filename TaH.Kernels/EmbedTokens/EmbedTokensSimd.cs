namespace TaH.Kernels;

/// <summary>The CPU: one widened copy a row.</summary>
internal static unsafe class EmbedTokensSimd
{
    public static void Run(CpuWorkers workers, WeightMatrix embedding, Ints tokens, Floats y, EmbedTokensShape shape) =>
        workers.For(shape.Rows, grain: 16, new Job(HostElements.Of(embedding), Pointers.Of(tokens), Pointers.Of(y), shape.Hidden));

    private readonly struct Job(HostElements embedding, int* tokens, float* y, int hidden) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
                embedding.Widen((long)tokens[row] * hidden, new Span<float>(y + ((long)row * hidden), hidden));
        }
    }
}

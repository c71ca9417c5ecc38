namespace TaH.Kernels;

/// <summary>The CPU: rows spread over threads.</summary>
internal static unsafe class BinaryCrossEntropySimd
{
    public static void Run(CpuWorkers workers, Floats logits, Ints targets, Floats losses, Floats dLogits, BinaryCrossEntropyShape shape) =>
        workers.For(
            shape.Rows, grain: 256,
            new Job(Pointers.Of(logits), Pointers.Of(targets), Pointers.Of(losses), Pointers.Of(dLogits), shape));

    private readonly struct Job(float* logits, int* targets, float* losses, float* dLogits, BinaryCrossEntropyShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
                (losses[row], dLogits[row]) = BinaryCrossEntropyPortable.Of(logits[row], targets[row], shape);
        }
    }
}

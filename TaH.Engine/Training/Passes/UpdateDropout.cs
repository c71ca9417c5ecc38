namespace TaH.Engine;

/// <summary>
/// Dropout on what low-rank updates read. Which elements are dropped follows from seed, step, pass and layer, so that the backward pass and a resumed
/// run drop the same ones.
/// </summary>
/// <param name="Probability">Of an element to be dropped.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Step">Of the run.</param>
/// <param name="MicroBatch">Of the step, counted over all ranks.</param>
internal sealed record UpdateDropout(float Probability, int Seed, int Step, int MicroBatch)
{
    private const int MostUpdates = 1 << 14;

    /// <summary>y = x with dropped elements zero and the others scaled up.</summary>
    public void Run(TrainingOperations operations, Floats x, Floats y, long length, int update, DepthPass pass) =>
        operations.Dropout.Run(x, y, new DropoutShape(length, Probability), Key(update, pass));

    /// <summary>dx += the gradient of the kept elements.</summary>
    public void AddTo(TrainingOperations operations, Floats dy, Floats dx, long length, int update, DepthPass pass)
    {
        operations.Dropout.Run(dy, dy, new DropoutShape(length, Probability), Key(update, pass));
        operations.Rows.Add(dy, dx, length);
    }

    private DropoutKey Key(int update, DepthPass pass) =>
        new((ulong)Seed, (uint)((((MicroBatch * TahConfig.MaxDepth) + pass.Depth) * MostUpdates) + update), (uint)Step);
}

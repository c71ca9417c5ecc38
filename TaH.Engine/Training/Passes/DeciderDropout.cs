namespace TaH.Engine;

/// <summary>Dropout of the decider's blocks; the same elements each time for the same step, pass and chunk of rows.</summary>
/// <param name="Probability">Of an element to be dropped.</param>
/// <param name="Seed">Of the run.</param>
/// <param name="Step">Of the run.</param>
/// <param name="Stream">Tells micro-batches, passes and chunks of the step apart.</param>
internal sealed record DeciderDropout(float Probability, int Seed, int Step, int Stream)
{
    private const int MostPlaces = 2048; // twice the most blocks

    // Updates count up from zero; deciders down from the top, so that no two streams are the same.
    private const uint Top = 1u << 31;

    /// <summary>Drops elements in place, of activations or of their gradient.</summary>
    /// <param name="operations">The device's operations.</param>
    /// <param name="x">[length].</param>
    /// <param name="length">Elements.</param>
    /// <param name="place">Where in the network.</param>
    public void Run(TrainingOperations operations, Floats x, long length, int place) => operations.Dropout.Run(
        x, x, new DropoutShape(length, Probability), new DropoutKey((ulong)Seed, Top | (uint)((Stream * MostPlaces) + place), (uint)Step));
}

using System.Numerics;
using System.Numerics.Tensors;

namespace TaH.Engine;

/// <summary>Sums over connections: rank 0 adds the others' numbers to its own in the order of the ranks, and hands the sums out.</summary>
/// <param name="links">To the other ranks.</param>
internal sealed class LinkedSum(RankLinks links)
{
    /// <summary>Every element becomes the sum over all ranks.</summary>
    /// <exception cref="DistributedException">Another rank is gone.</exception>
    /// <exception cref="InvalidOperationException">Ranks sum different things: a defect.</exception>
    public void Run<T>(Span<T> values) where T : unmanaged, INumber<T>
    {
        if (links.Rank > 0)
        {
            links.Send<long>(0, [values.Length]);
            links.Send<T>(0, values);
            links.Receive(0, values);
            return;
        }
        var others = new T[values.Length];
        for (var rank = 1; rank < links.WorldSize; rank++)
        {
            long[] length = [0];
            links.Receive<long>(rank, length);
            if (length[0] != values.Length) throw new InvalidOperationException($"rank {rank} sums {length[0]} numbers, rank 0 {values.Length}");
            links.Receive<T>(rank, others);
            TensorPrimitives.Add(values, others, values);
        }
        for (var rank = 1; rank < links.WorldSize; rank++) links.Send<T>(rank, values);
    }
}

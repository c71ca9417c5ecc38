namespace TaH.Kernels;

/// <summary>Slices of weights and of tokens on their way through shared memory, each through slots of their own.</summary>
/// <param name="Barriers">Where the barriers lie: of each slot "full", then "empty".</param>
/// <param name="Weights">Where the first slot of weights lies.</param>
/// <param name="WeightBytes">Of a slot.</param>
/// <param name="WeightSlots">How many.</param>
/// <param name="Tokens">Where the first slot of tokens lies.</param>
/// <param name="TokenBytes">Of a slot.</param>
/// <param name="TokenSlots">How many.</param>
internal readonly record struct BatchRing(uint Barriers, uint Weights, int WeightBytes, int WeightSlots, uint Tokens, int TokenBytes, int TokenSlots)
{
    /// <summary>Bytes of a row of a slice.</summary>
    public const int SliceBytes = WgmmaProduct.Slice * sizeof(ushort);

    /// <summary>In front of all else; slots start at multiples of 1024.</summary>
    public const int BarrierRoom = 1024;

    /// <summary>Where in that room <see cref="BatchMeeting"/> has its barrier.</summary>
    public const uint MeetingBarrier = BarrierRoom - BarrierBytes;

    private const int BarrierBytes = 16;

    /// <summary>The barriers of the slots of tokens.</summary>
    public uint TokenBarriers => Barriers + (uint)(WeightSlots * BarrierBytes);

    /// <summary>The ring of a launch.</summary>
    public static BatchRing Of(uint memory, int tokens, BatchProductTask task)
    {
        var weightBytes = task.Blocks * BatchProduct.BlockRows * SliceBytes;
        var weights = memory + BarrierRoom + (uint)BatchMeeting.RoomBytes(tokens, task.Blocks, task.Splits);
        return new BatchRing(
            memory, weights, weightBytes, task.WeightSlots, weights + (uint)(task.WeightSlots * weightBytes), tokens * SliceBytes, task.TokenSlots);
    }

    /// <summary>Makes the barriers; one thread calls, then all wait for it.</summary>
    public void Initialise(int warpgroups)
    {
        for (var slot = 0; slot < WeightSlots + TokenSlots; slot++)
        {
            PtxInstructions.InitialiseBarrier(Barriers + (uint)(slot * BarrierBytes), 1);
            PtxInstructions.InitialiseBarrier(Barriers + (uint)(slot * BarrierBytes) + 8u, warpgroups);
        }
        PtxInstructions.ShowBarriers();
    }

    /// <summary>The first slot of weights.</summary>
    public BatchSlot FirstWeights(uint parity) => new(Weights, Barriers, parity);

    /// <summary>The first slot of tokens.</summary>
    public BatchSlot FirstTokens(uint parity) => new(Tokens, TokenBarriers, parity);

    /// <summary>The slot of weights behind another one.</summary>
    public BatchSlot NextWeights(BatchSlot slot) =>
        slot.Barrier + BarrierBytes == TokenBarriers
            ? new BatchSlot(Weights, Barriers, slot.Parity ^ 1u)
            : new BatchSlot(slot.Memory + (uint)WeightBytes, slot.Barrier + BarrierBytes, slot.Parity);

    /// <summary>The slot of tokens behind another one.</summary>
    public BatchSlot NextTokens(BatchSlot slot) =>
        slot.Barrier + BarrierBytes == TokenBarriers + (uint)(TokenSlots * BarrierBytes)
            ? new BatchSlot(Tokens, TokenBarriers, slot.Parity ^ 1u)
            : new BatchSlot(slot.Memory + (uint)TokenBytes, slot.Barrier + BarrierBytes, slot.Parity);
}

/// <summary>One slot: what is in it, its "full" barrier with "empty" 8 bytes behind, and the parity of the next phase that is waited for.</summary>
internal readonly record struct BatchSlot(uint Memory, uint Barrier, uint Parity)
{
    /// <summary>Starts the copies of neighbouring blocks of 64 weight rows.</summary>
    public void StartWeights(ulong map, int firstBlock, int blocks, int column)
    {
        for (var block = 0; block < blocks; block++)
        {
            PtxInstructions.StartTile(
                Memory + (uint)(block * BatchProduct.BlockRows * BatchRing.SliceBytes), map, column, (firstBlock + block) * BatchProduct.BlockRows,
                Barrier);
        }
    }
}

namespace TaH.Kernels;

/// <summary>Whether groups multiply alone or in pairs, which have the same columns and share what they fetch of the weight.</summary>
internal interface IWgmmaGroups
{
    /// <summary>Groups that work together: 1 or 2.</summary>
    int Count { get; }

    /// <summary>Which of them this is.</summary>
    int Rank { get; }

    /// <summary>Once at the beginning: afterwards every group sees the others' barriers.</summary>
    void Begin();

    /// <summary>Once at the end: nobody leaves while another one may still signal it.</summary>
    void End();

    /// <summary>Arrives at a barrier of every group.</summary>
    void Arrive(uint barrier);

    /// <summary>Starts the copies of a weight's tile into every group.</summary>
    /// <param name="shared">Where the tile goes.</param>
    /// <param name="halves">Where its two halves come from.</param>
    /// <param name="column">Element of every row.</param>
    /// <param name="halfBytes">Bytes of a half.</param>
    /// <param name="barrier">Which barrier waits for it, in every group.</param>
    void StartWeight(uint shared, WgmmaHalves halves, int column, int halfBytes, uint barrier);
}

/// <summary>Where the two halves of a weight's tile come from: neighbouring rows of one weight, or the same rows of two.</summary>
internal readonly record struct WgmmaHalves(ulong FirstMap, int FirstRow, ulong SecondMap, int SecondRow);

/// <summary>Every group for itself.</summary>
internal readonly struct WgmmaAlone : IWgmmaGroups
{
    public int Count => 1;

    public int Rank => 0;

    public void Begin() => ILGPU.Group.Barrier();

    public void End()
    {
    }

    public void Arrive(uint barrier) => PtxInstructions.Arrive(barrier);

    public void StartWeight(uint shared, WgmmaHalves halves, int column, int halfBytes, uint barrier)
    {
        PtxInstructions.StartTile(shared, halves.FirstMap, column, halves.FirstRow, barrier);
        PtxInstructions.StartTile(shared + (uint)halfBytes, halves.SecondMap, column, halves.SecondRow, barrier);
    }
}

/// <summary>
/// Two groups of neighbouring row tiles: each fetches half of the weight's tile for both, which a third less of the cache's traffic pays for.
/// </summary>
internal readonly struct WgmmaPair : IWgmmaGroups
{
    public int Count => 2;

    public int Rank => PtxInstructions.RankInPair();

    public void Begin()
    {
        PtxInstructions.RunInPairs();
        PtxInstructions.MeetCluster();
    }

    public void End() => PtxInstructions.MeetCluster();

    public void Arrive(uint barrier)
    {
        PtxInstructions.ArriveAt(barrier, 0);
        PtxInstructions.ArriveAt(barrier, 1);
    }

    public void StartWeight(uint shared, WgmmaHalves halves, int column, int halfBytes, uint barrier)
    {
        if (Rank == 0) PtxInstructions.StartTileForPair(shared, halves.FirstMap, column, halves.FirstRow, barrier);
        else PtxInstructions.StartTileForPair(shared + (uint)halfBytes, halves.SecondMap, column, halves.SecondRow, barrier);
    }
}

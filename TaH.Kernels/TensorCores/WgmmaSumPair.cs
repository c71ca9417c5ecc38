using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Two groups with the same tile, for products whose tiles are fewer than half of the multiprocessors: each sums up half of the elements, hands the
/// other the sums of half of the columns, and stores the other half with what it is handed. A cluster makes one tile.
/// </summary>
/// <typeparam name="THalf">The tile of half of the columns.</typeparam>
internal readonly struct WgmmaSumPair<THalf> : IWgmmaGroups where THalf : struct, IWgmmaTile
{
    private const int BarrierBytes = 16;
    private const int QuadBytes = 16;

    public int Parts => 2;

    public int Rank => PtxInstructions.RankInPair();

    public int SharedBytes => BarrierBytes + HandedBytes;

    public int StagesTaken => 1;

    private static int HandedBytes => WgmmaProduct.TileRows * default(THalf).Columns * sizeof(float);

    public void Begin(uint own)
    {
        if (Group.IdxX == 0)
        {
            PtxInstructions.InitialiseBarrier(own, 1);
            PtxInstructions.ShowBarriers();
            PtxInstructions.ArriveExpecting(own, HandedBytes);
        }
        PtxInstructions.MeetClusterEmptyHanded();
    }

    public void Store<TTile, TStore>(TensorProductTask task, WgmmaPlace place, uint scratch, uint own)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore
    {
        int rank = Rank, other = 1 - rank;
        // Quads lie by their number and then by thread: threads of both groups have sums of the same places of the tile.
        var handed = own + BarrierBytes + (uint)(Group.IdxX * QuadBytes);
        default(THalf).Visit(new Hand(PtxInstructions.InGroup(handed, other), PtxInstructions.InGroup(own, other), rank));
        PtxInstructions.WaitForSent(own, 0);
        default(THalf).Visit(new Take(handed, rank));
        default(TStore).Store<THalf>(task, place with { Column = place.Column + (rank * default(THalf).Columns) }, scratch);
    }

    private static uint At(int quad) => (uint)(quad * WgmmaProduct.Multipliers * QuadBytes);

    /// <summary>Hands over what of a strip's sums the other group is to store: those of the other half of the columns.</summary>
    private readonly record struct Hand(uint Place, uint Barrier, int Rank) : IStripVisitor
    {
        public void Visit(int strip)
        {
            Quad(2 * strip);
            Quad((2 * strip) + 1);
        }

        private void Quad(int quad) => PtxInstructions.SendQuad(
            Place + At(quad), Sum(4 * quad), Sum((4 * quad) + 1), Sum((4 * quad) + 2), Sum((4 * quad) + 3), Barrier);

        private float Sum(int number) => PtxInstructions.SumOf((default(THalf).Columns / 2) + number, number, Rank);
    }

    /// <summary>Adds what the other group handed over; the first sums are those that this one stores from then on.</summary>
    private readonly record struct Take(uint Place, int Rank) : IStripVisitor
    {
        public void Visit(int strip)
        {
            Quad(2 * strip);
            Quad((2 * strip) + 1);
        }

        private void Quad(int quad)
        {
            var handed = PtxInstructions.LoadSharedQuad(Place + At(quad));
            Add(4 * quad, handed.A);
            Add((4 * quad) + 1, handed.B);
            Add((4 * quad) + 2, handed.C);
            Add((4 * quad) + 3, handed.D);
        }

        private void Add(int number, float handed) =>
            PtxInstructions.SetSum(number, PtxInstructions.SumOf(number, (default(THalf).Columns / 2) + number, Rank) + handed);
    }
}

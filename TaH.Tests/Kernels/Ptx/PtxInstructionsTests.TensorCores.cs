using System.Text.RegularExpressions;
using Group = ILGPU.Group;

namespace TaH.Tests;

/// <summary>The instructions of tensor cores: what each becomes, with %r, %rd and %f for any register of that kind.</summary>
public partial class PtxInstructionsTests
{
    private static readonly Dictionary<string, (Delegate Kernel, string Text)> ExpectedOfTensorCores = new()
    {
        [nameof(PtxInstructions.Keep)] = (Copies, "mov.b32 %r, %r;"),
        [nameof(PtxInstructions.PackBfloat16)] = (Copies, "cvt.rn.bf16x2.f32 %r, %f, %f;"),
        [nameof(PtxInstructions.Silu)] = (
            Copies,
            "{ .reg .f32 e; mul.f32 e, %f, 0fBFB8AA3B; ex2.approx.f32 e, e; add.f32 e, e, 0f3F800000; div.approx.f32 %f, %f, e; }"),
        [nameof(PtxInstructions.StartWholeCopy)] = (Copies, "{ .reg .b32 to; cvt.u32.u64 to, %rd; cp.async.cg.shared.global [to], [%rd], 16; }"),
        [nameof(PtxInstructions.StartCopy)] = (Copies, "cp.async.cg.shared.global.L2::128B [%rd], [%rd], 16, %r;"),
        [nameof(PtxInstructions.StartFloatCopy)] = (Copies, "cp.async.ca.shared.global [%rd], [%rd], 4;"),
        [nameof(PtxInstructions.CloseCopies)] = (Copies, "cp.async.commit_group;"),
        [nameof(PtxInstructions.WaitForCopies)] = (Copies, "cp.async.wait_group 0;"),
        [nameof(PtxInstructions.WaitForCopiesButOne)] = (Copies, "cp.async.wait_group 1;"),
        [nameof(PtxInstructions.WaitForCopiesButTwo)] = (Copies, "cp.async.wait_group 2;"),
        [nameof(PtxInstructions.LoadMatrices)] = (Copies, "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r,%r,%r,%r}, [%rd];"),
        [nameof(PtxInstructions.MultiplyBfloat16)] = (
            Copies, "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f,%f,%f,%f}, {%r,%r,%r,%r}, {%r,%r}, {%f,%f,%f,%f};"),
        [nameof(PtxInstructions.StorePair)] = (Copies, "st.global.v2.f32 [%rd], {%f, %f};"),
        [nameof(PtxInstructions.LoadConstantPair)] = (Copies, "ld.global.nc.v2.f32 {%f, %f}, [%rd];"),
        [nameof(PtxInstructions.LoadPair)] = (Copies, "ld.global.v2.f32 {%f, %f}, [%rd];"),
        [nameof(PtxInstructions.StoreUInt)] = (Copies, "st.global.u32 [%rd], %r;"),
        [nameof(PtxInstructions.StoreWord)] = (Copies, "st.global.v4.u32 [%rd], {%r,%r,%r,%r};"),
        [nameof(PtxInstructions.DeclareSums128)] = (Product256, ".reg .f32 sum<128>;"),
        [nameof(PtxInstructions.ClearSums128)] = (Product256, "mov.f32 sum0, 0f00000000; mov.f32 sum1, 0f00000000; "),
        [nameof(PtxInstructions.DeclareSums96)] = (Product192, ".reg .f32 sum<96>;"),
        [nameof(PtxInstructions.ClearSums96)] = (Product192, "mov.f32 sum0, 0f00000000; mov.f32 sum1, 0f00000000; "),
        [nameof(PtxInstructions.DeclareSums64)] = (Product128, ".reg .f32 sum<64>;"),
        [nameof(PtxInstructions.ClearSums64)] = (Product128, "mov.f32 sum0, 0f00000000; mov.f32 sum1, 0f00000000; "),
        [nameof(PtxInstructions.DeclareSums32)] = (Product64, ".reg .f32 sum<32>;"),
        [nameof(PtxInstructions.ClearSums32)] = (Product64, "mov.f32 sum0, 0f00000000; mov.f32 sum1, 0f00000000; "),
        [nameof(PtxInstructions.StartSlice256)] = (Product256, Product(256)),
        [nameof(PtxInstructions.StartSlice192)] = (Product192, Product(192)),
        [nameof(PtxInstructions.StartSlice128)] = (Product128, Product(128)),
        [nameof(PtxInstructions.StartSlice64)] = (Product64, Product(64)),
        [nameof(PtxInstructions.StartSlice32)] = (Product64, Product(32)),
        [nameof(PtxInstructions.StartSlice16)] = (Product64, Product(16)),
        [nameof(PtxInstructions.StartColumns256)] = (Product256, ProductOfColumns(256)),
        [nameof(PtxInstructions.StartColumns192)] = (Product192, ProductOfColumns(192)),
        [nameof(PtxInstructions.StartColumns128)] = (Product128, ProductOfColumns(128)),
        [nameof(PtxInstructions.StartColumns64)] = (Product64, ProductOfColumns(64)),
        [nameof(PtxInstructions.LoadMatricesAcross)] = (Copies, "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%r,%r,%r,%r}, [%rd];"),
        [nameof(PtxInstructions.StartProductOfRegisters16)] = (ProductsOfRegisters, ProductOfRegisters(16)),
        [nameof(PtxInstructions.StartProductOfRegisters32)] = (ProductsOfRegisters, ProductOfRegisters(32)),
        [nameof(PtxInstructions.StartProductOfRegisters64)] = (ProductsOfRegisters, ProductOfRegisters(64)),
        [nameof(PtxInstructions.StartProductOfRegisters128)] = (ProductsOfRegisters, ProductOfRegisters(128)),
        [nameof(PtxInstructions.Sum)] = (Product64, "mov.f32 %f, sum31;"),
        [nameof(PtxInstructions.SumOf)] = (Product64, "{ .reg .pred other; setp.ne.s32 other, %r, 0; selp.f32 %f, sum2, sum1, other; }"),
        [nameof(PtxInstructions.SetSum)] = (Product64, "mov.f32 sum3, %f;"),
        [nameof(PtxInstructions.FenceProducts)] = (Product64, "wgmma.fence.sync.aligned;"),
        [nameof(PtxInstructions.CloseProducts)] = (Product64, "wgmma.commit_group.sync.aligned;"),
        [nameof(PtxInstructions.WaitForProductsButOne)] = (Product64, "wgmma.wait_group.sync.aligned 1;"),
        [nameof(PtxInstructions.WaitForProducts)] = (Product64, "wgmma.wait_group.sync.aligned 0;"),
        [nameof(PtxInstructions.InitialiseBarrier)] = (Barriers, "mbarrier.init.shared.b64 [%r], 2;"),
        [nameof(PtxInstructions.ShowBarriers)] = (Barriers, "fence.mbarrier_init.release.cluster; fence.proxy.async.shared::cta;"),
        [nameof(PtxInstructions.ArriveExpecting)] = (Barriers, "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%r], 2048;"),
        [nameof(PtxInstructions.WaitForBarrier)] = (
            Barriers,
            "{ .reg .pred done; again: mbarrier.try_wait.parity.shared::cta.b64 done, [%r], 1; @done bra ready; bra again; ready: }"),
        [nameof(PtxInstructions.WaitForSent)] = (
            Barriers,
            "{ .reg .pred done; again: mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 done, [%r], 1; @done bra ready; bra again; ready: }"),
        [nameof(PtxInstructions.WaitForFirst)] = (Barriers, "bar.sync 1, 256;"),
        [nameof(PtxInstructions.Arrive)] = (Barriers, "mbarrier.arrive.shared::cta.b64 _, [%r];"),
        [nameof(PtxInstructions.StartBytes)] = (
            Barriers, "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r], [%rd], %r, [%r];"),
        [nameof(PtxInstructions.StartTile)] = (
            Barriers, "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%r], [%rd, {64, 128}], [%r];"),
        [nameof(PtxInstructions.TakeRegisters)] = (FlashKernel.Run, "setmaxnreg.inc.sync.aligned.u32 232;"),
        [nameof(PtxInstructions.GiveRegistersUp)] = (FlashKernel.Run, "setmaxnreg.dec.sync.aligned.u32 40;"),
        [nameof(PtxInstructions.ShowToProducts)] = (FlashKernel.Run, "fence.proxy.async.shared::cta;"),
        [nameof(PtxInstructions.ClearShared)] = (FlashKernel.Run, "{ .reg .b32 z; mov.b32 z, 0; st.shared.v4.b32 [%r], {z,z,z,z}; }"),
        [nameof(PtxInstructions.RankInPair)] = (Barriers, "mov.u32 %r, %cluster_ctarank;"),
        [nameof(PtxInstructions.MeetCluster)] = (Barriers, "barrier.cluster.arrive.release; barrier.cluster.wait.acquire;"),
        [nameof(PtxInstructions.MeetClusterEmptyHanded)] = (Barriers, "barrier.cluster.arrive.relaxed; barrier.cluster.wait;"),
        [nameof(PtxInstructions.InGroup)] = (Barriers, "mapa.shared::cluster.u32 %r, %r, %r;"),
        [nameof(PtxInstructions.SendQuad)] = (
            Barriers, "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 [%r], {%f, %f, %f, %f}, [%r];"),
        [nameof(PtxInstructions.LoadClusterQuad)] = (
            Barriers,
            "{ .reg .b32 own, far; cvt.u32.u64 own, %rd; mapa.shared::cluster.u32 far, own, 1; ld.shared::cluster.v4.f32 {%f,%f,%f,%f}, [far]; }"),
        [nameof(PtxInstructions.LoadSharedWord)] = (Barriers, "ld.shared.v4.u32 {%r,%r,%r,%r}, [%rd];"),
        [nameof(PtxInstructions.StoreMatrices)] = (Barriers, "stmatrix.sync.aligned.m8n8.x4.shared.b16 [%r], {%r,%r,%r,%r};"),
        [nameof(PtxInstructions.AddQuad)] = (Barriers, "red.global.add.v4.f32 [%rd], {%f,%f,%f,%f};"),
        [nameof(PtxInstructions.StoreSharedPair)] = (Barriers, "st.shared.v2.f32 [%r], {%f, %f};"),
    };

    [Fact]
    public void The_host_rounds_and_activates_the_same()
    {
        Assert.Equal(0xc0003fc0u, PtxInstructions.PackBfloat16(1.5f, -2f));
        Assert.Equal(0x3f803f82u, PtxInstructions.PackBfloat16(1.01171875f, 1.00390625f)); // ties to even: up, down
        Assert.Equal(0.7310586f, PtxInstructions.Silu(1), 1e-6);
    }

    /// <summary>The text as a pattern.</summary>
    private static string Pattern(string text) => Registers().Replace(Regex.Escape(text), @"%$1\d+");

    /// <summary>As <see cref="Product"/>, both operands by columns.</summary>
    private static string ProductOfColumns(int columns) => Product(columns).Replace("1, 1, 0, 0;", "1, 1, 1, 1;", StringComparison.Ordinal)
        .Replace("add.u64 a, a, 2; add.u64 b, b, 2;", "add.u64 a, a, 128; add.u64 b, b, 128;", StringComparison.Ordinal);

    private static string Product(int columns) =>
        "{ .reg .pred add; .reg .b32 high; .reg .b64 a, b; setp.eq.b32 add, 0, 0; mov.b32 high, 0x40000040; "
        + "mov.b64 a, {%r, high}; mov.b64 b, {%r, high}; "
        + string.Concat(Enumerable.Repeat(
            $"wgmma.mma_async.sync.aligned.m64n{columns}k16.f32.bf16.bf16 {{{Sums(columns / 2)}}}, a, b, add, 1, 1, 0, 0; "
            + "add.u64 a, a, 2; add.u64 b, b, 2; ", 4)) + " }";

    private static string Sums(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"sum{i}"));

    private static string ProductOfRegisters(int columns) =>
        "{ .reg .pred add; .reg .b32 flag; mov.b32 flag, %r; setp.ne.b32 add, flag, 0; "
        + $"wgmma.mma_async.sync.aligned.m64n{columns}k16.f32.bf16.bf16 {{{Sums(columns / 2)}}}, "
        + "{%r,%r,%r,%r}, %rd, add, 1, 1, 0; }";

    [GeneratedRegex("%(rd|r|f)(?![a-z])")]
    private static partial Regex Registers();

    private static void Copies(ulong shared, ulong global, int bytes, float value)
    {
        PtxInstructions.StartWholeCopy(shared, global);
        PtxInstructions.StartCopy(shared, global, PtxInstructions.Keep(bytes));
        PtxInstructions.StartFloatCopy(shared, global);
        PtxInstructions.CloseCopies();
        PtxInstructions.WaitForCopies();
        PtxInstructions.WaitForCopiesButOne();
        PtxInstructions.WaitForCopiesButTwo();
        Group.Barrier();
        var matrices = PtxInstructions.LoadMatrices(shared);
        PtxInstructions.StoreWord(global, matrices);
        PtxInstructions.StoreWord(global, PtxInstructions.LoadMatricesAcross(shared));
        var sums = PtxInstructions.MultiplyBfloat16(new Quad(value, value, value, value), matrices, matrices.A, matrices.B);
        var (changing, still) = (PtxInstructions.LoadPair(global), PtxInstructions.LoadConstantPair(global));
        PtxInstructions.StorePair(global, sums.A + changing.First + still.First, sums.B + changing.Second + still.Second);
        PtxInstructions.StoreUInt(global, PtxInstructions.PackBfloat16(sums.C, PtxInstructions.Silu(sums.D)));
    }

    private static void Product256(uint a, uint b)
    {
        PtxInstructions.DeclareSums128();
        PtxInstructions.ClearSums128();
        PtxInstructions.StartSlice256(a, b);
        PtxInstructions.StartColumns256(a, b);
    }

    private static void Product192(uint a, uint b)
    {
        PtxInstructions.DeclareSums96();
        PtxInstructions.ClearSums96();
        PtxInstructions.StartSlice192(a, b);
        PtxInstructions.StartColumns192(a, b);
    }

    private static void Product128(uint a, uint b)
    {
        PtxInstructions.DeclareSums64();
        PtxInstructions.ClearSums64();
        PtxInstructions.StartSlice128(a, b);
        PtxInstructions.StartColumns128(a, b);
    }

    private static void Product64(uint a, uint b, ulong y)
    {
        PtxInstructions.DeclareSums32();
        PtxInstructions.ClearSums32();
        PtxInstructions.FenceProducts();
        PtxInstructions.StartSlice64(a, b);
        PtxInstructions.StartColumns64(a, b);
        PtxInstructions.StartSlice32(a, b);
        PtxInstructions.StartSlice16(a, b);
        PtxInstructions.CloseProducts();
        PtxInstructions.WaitForProductsButOne();
        PtxInstructions.WaitForProducts();
        PtxInstructions.SetSum(3, PtxInstructions.SumOf(1, 2, (int)a));
        PtxInstructions.StorePair(y, PtxInstructions.Sum(0), PtxInstructions.Sum(31));
    }

    private static void ProductsOfRegisters(uint a0, uint a1, uint a2, uint a3, ulong b, int add)
    {
        PtxInstructions.DeclareSums64();
        PtxInstructions.StartProductOfRegisters16(a0, a1, a2, a3, b, add);
        PtxInstructions.StartProductOfRegisters32(a0, a1, a2, a3, b, add);
        PtxInstructions.StartProductOfRegisters64(a0, a1, a2, a3, b, add);
        PtxInstructions.StartProductOfRegisters128(a0, a1, a2, a3, b, add);
    }

    private static void Barriers(uint shared, ulong global, uint bits, float value)
    {
        PtxInstructions.InitialiseBarrier(shared, 2);
        PtxInstructions.ShowBarriers();
        PtxInstructions.ArriveExpecting(shared, 2048);
        PtxInstructions.WaitForBarrier(shared, 1);
        PtxInstructions.WaitForSent(shared, 1);
        PtxInstructions.WaitForFirst(256);
        PtxInstructions.StartBytes(shared, global, bytes: (int)shared, shared);
        PtxInstructions.StartTile(shared, global, 64, 128, shared);
        var there = PtxInstructions.InGroup(shared, PtxInstructions.RankInPair());
        PtxInstructions.SendQuad(there, value, value, value, value, there);
        PtxInstructions.MeetCluster();
        PtxInstructions.MeetClusterEmptyHanded();
        PtxInstructions.Arrive(shared);
        PtxInstructions.StoreMatrices(shared, bits, bits, bits, bits);
        var word = PtxInstructions.LoadSharedWord(shared);
        var far = PtxInstructions.LoadClusterQuad(shared, 1);
        PtxInstructions.StoreSharedPair(shared, value + word.A + word.B, value + word.C + word.D);
        PtxInstructions.AddQuad(global, far);
    }
}

using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Products of a warpgroup (four warps) on Hopper's tensor cores, <c>wgmma</c>: 64 x 16 of a in registers, 16 x n of b in shared memory, 64 x n sums
/// in
/// registers that have names of their own, because the instruction works on them behind the back of the code around it. No body for the host.
/// </summary>
internal static class PtxWarpgroupInstructions
{
    private const string R0To7 = "wt0,wt1,wt2,wt3,wt4,wt5,wt6,wt7";
    private const string R8To15 = "wt8,wt9,wt10,wt11,wt12,wt13,wt14,wt15";
    private const string R16To31 = "wt16,wt17,wt18,wt19,wt20,wt21,wt22,wt23,wt24,wt25,wt26,wt27,wt28,wt29,wt30,wt31";
    private const string R32To47 = "wt32,wt33,wt34,wt35,wt36,wt37,wt38,wt39,wt40,wt41,wt42,wt43,wt44,wt45,wt46,wt47";
    private const string R48To63 = "wt48,wt49,wt50,wt51,wt52,wt53,wt54,wt55,wt56,wt57,wt58,wt59,wt60,wt61,wt62,wt63";
    private const string Zeros =
          "mov.b32 wt0,0; mov.b32 wt1,0; mov.b32 wt2,0; mov.b32 wt3,0; mov.b32 wt4,0; mov.b32 wt5,0; mov.b32 wt6,0; mov.b32 wt7,0; "
        + "mov.b32 wt8,0; mov.b32 wt9,0; mov.b32 wt10,0; mov.b32 wt11,0; mov.b32 wt12,0; mov.b32 wt13,0; mov.b32 wt14,0; mov.b32 wt15,0; "
        + "mov.b32 wt16,0; mov.b32 wt17,0; mov.b32 wt18,0; mov.b32 wt19,0; mov.b32 wt20,0; mov.b32 wt21,0; mov.b32 wt22,0; mov.b32 wt23,0; "
        + "mov.b32 wt24,0; mov.b32 wt25,0; mov.b32 wt26,0; mov.b32 wt27,0; mov.b32 wt28,0; mov.b32 wt29,0; mov.b32 wt30,0; mov.b32 wt31,0; "
        + "mov.b32 wt32,0; mov.b32 wt33,0; mov.b32 wt34,0; mov.b32 wt35,0; mov.b32 wt36,0; mov.b32 wt37,0; mov.b32 wt38,0; mov.b32 wt39,0; "
        + "mov.b32 wt40,0; mov.b32 wt41,0; mov.b32 wt42,0; mov.b32 wt43,0; mov.b32 wt44,0; mov.b32 wt45,0; mov.b32 wt46,0; mov.b32 wt47,0; "
        + "mov.b32 wt48,0; mov.b32 wt49,0; mov.b32 wt50,0; mov.b32 wt51,0; mov.b32 wt52,0; mov.b32 wt53,0; mov.b32 wt54,0; mov.b32 wt55,0; "
        + "mov.b32 wt56,0; mov.b32 wt57,0; mov.b32 wt58,0; mov.b32 wt59,0; mov.b32 wt60,0; mov.b32 wt61,0; mov.b32 wt62,0; mov.b32 wt63,0; ";
    private const string Begin = "{ .reg .pred add; .reg .b32 flag; mov.b32 flag, $5; setp.ne.b32 add, flag, 0; wgmma.mma_async.sync.aligned.m64n";
    private const string Types = "k16.f32.bf16.bf16 {";
    private const string End = "}, {$0,$1,$2,$3}, $4, add, 1, 1, 0; }";

    /// <summary>
    /// Names the registers, once in a kernel, before everything else. Without values to begin with, products would be made one at a time.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(".reg .f32 wt<64>; " + Zeros)]
    public static void NameSums() => throw OnTheHost();

    /// <summary>Comes between what the code around did with registers and the first product.</summary>
    [IntrinsicImplementation, PtxTemplate("wgmma.fence.sync.aligned;")]
    public static void BeginProducts() => throw OnTheHost();

    /// <summary>Waits for all products.</summary>
    [IntrinsicImplementation, PtxTemplate("wgmma.commit_group.sync.aligned; wgmma.wait_group.sync.aligned 0;")]
    public static void WaitForProducts() => throw OnTheHost();

    /// <summary>One of the thread's sums; its number is a constant.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.f32 $r, wt$0;")]
    public static float Sum(int number) => throw OnTheHost();

    /// <summary>Sums of 64 x 16: replaced by a b if <paramref name="add"/> is 0, else added to.</summary>
    [IntrinsicImplementation, PtxTemplate(Begin + "16" + Types + R0To7 + End)]
    public static void AddProduct16(uint a0, uint a1, uint a2, uint a3, ulong b, int add) => throw OnTheHost();

    /// <summary>Sums of 64 x 32: replaced by a b if <paramref name="add"/> is 0, else added to.</summary>
    [IntrinsicImplementation, PtxTemplate(Begin + "32" + Types + R0To7 + "," + R8To15 + End)]
    public static void AddProduct32(uint a0, uint a1, uint a2, uint a3, ulong b, int add) => throw OnTheHost();

    /// <summary>Sums of 64 x 64: replaced by a b if <paramref name="add"/> is 0, else added to.</summary>
    [IntrinsicImplementation, PtxTemplate(Begin + "64" + Types + R0To7 + "," + R8To15 + "," + R16To31 + End)]
    public static void AddProduct64(uint a0, uint a1, uint a2, uint a3, ulong b, int add) => throw OnTheHost();

    /// <summary>Sums of 64 x 128: replaced by a b if <paramref name="add"/> is 0, else added to.</summary>
    [IntrinsicImplementation, PtxTemplate(Begin + "128" + Types + R0To7 + "," + R8To15 + "," + R16To31 + "," + R32To47 + "," + R48To63 + End)]
    public static void AddProduct128(uint a0, uint a1, uint a2, uint a3, ulong b, int add) => throw OnTheHost();

    private static NotSupportedException OnTheHost() => new("products of a warpgroup need a card");
}

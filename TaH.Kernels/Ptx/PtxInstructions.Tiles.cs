using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Hopper: attention of a warp over tiles of 16 entries, headDim 128, for up to four queries. Keys and values are bf16 in shared memory, rows of 256
/// bytes; the 16 bytes at place c of row r stand at place c ^ (r % 8), so that eight rows never meet in a bank. Queries and sums are registers with
/// names. A query and a weight are the sum of two bf16 numbers each, which stand in neighbouring columns of the products: column 2 h + p is part p of
/// head h. Thread t holds, of scores and sums, rows t / 4 and t / 4 + 8 of head t % 4. The host cannot run these.
/// </summary>
internal static partial class PtxInstructions
{
    private const string LoadRows = "ldmatrix.sync.aligned.m8n8.x4.shared.b16 ";
    private const string LoadColumns = "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 ";
    private const string TileProduct = "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 ";

    /// <summary>Declares queries, values and sums (zero). Once, at the beginning of a kernel.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "$each(4,.reg .b32 qa#, qb#, qc#, qd#, va#, vb#, vc#, vd#, wa#, wb#, wc#, wd#; .reg .f32 la#, lb#, lc#, ld#, ha#, hb#, hc#, hd#; "
        + "mov.f32 la#, 0f00000000; mov.f32 lb#, 0f00000000; mov.f32 lc#, 0f00000000; mov.f32 ld#, 0f00000000; mov.f32 ha#, 0f00000000; "
        + "mov.f32 hb#, 0f00000000; mov.f32 hc#, 0f00000000; mov.f32 hd#, 0f00000000; )")]
    public static void DeclareTile() => throw HopperOnly();

    /// <summary>Fetches the queries: [8, 128] in shared memory, laid out as entries are.</summary>
    /// <param name="row">
    /// Where the thread's row of the first of four matrices starts: row t % 8, place t / 8 % 2 + 8 (t / 16).
    /// </param>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b32 at; $each(4,xor.b32 at, $0, 32*#; " + LoadRows + "{qa#,qb#,qc#,qd#}, [at]; )}")]
    public static void LoadTileQueries(uint row) => throw HopperOnly();

    /// <summary>The products of the queries with 16 keys: of the thread's head, rows t / 4 and t / 4 + 8.</summary>
    /// <param name="keys">Where the thread's row of the first four matrices starts: row t % 16, place t / 16.</param>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .b32 at; $each(4,.reg .b32 ka#, kb#, kc#, kd#, ma#, mb#, mc#, md#; .reg .f32 a#, b#, c#, d#; xor.b32 at, $0, 32*#; "
        + LoadRows + "{ka#,kb#,kc#,kd#}, [at]; xor.b32 at, $0, 128+32*#; " + LoadRows + "{ma#,mb#,mc#,md#}, [at]; mov.f32 a#, 0f00000000; "
        + "mov.f32 b#, 0f00000000; mov.f32 c#, 0f00000000; mov.f32 d#, 0f00000000; )"
        + "$each(4," + TileProduct + "{a#,b#,c#,d#}, {ka#,kb#,kc#,kd#}, {qa#,qb#}, {a#,b#,c#,d#}; )"
        + "$each(4," + TileProduct + "{a#,b#,c#,d#}, {ma#,mb#,mc#,md#}, {qc#,qd#}, {a#,b#,c#,d#}; )"
        + "$each(4,add.f32 a#, a#, b#; add.f32 c#, c#, d#; )add.f32 a0, a0, a1; add.f32 a2, a2, a3; add.f32 c0, c0, c1; add.f32 c2, c2, c3; "
        + "add.f32 $r.0, a0, a2; add.f32 $r.1, c0, c2; }")]
    public static FloatPair TileScores(uint keys) => throw HopperOnly();

    /// <summary>Multiplies the sums of the thread's head.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "$each(4,mul.f32 la#, la#, $0; mul.f32 lb#, lb#, $0; mul.f32 lc#, lc#, $0; mul.f32 ld#, ld#, $0; mul.f32 ha#, ha#, $0; "
        + "mul.f32 hb#, hb#, $0; mul.f32 hc#, hc#, $0; mul.f32 hd#, hd#, $0; )")]
    public static void ScaleTileSums(float scale) => throw HopperOnly();

    /// <summary>Fetches 16 values.</summary>
    /// <param name="values">Where the thread's row of the first four matrices starts: row t % 8 + 8 (t / 16), place t / 8 % 2.</param>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .b32 at; $each(4,xor.b32 at, $0, 32*#; " + LoadColumns + "{va#,vb#,vc#,vd#}, [at]; xor.b32 at, $0, 128+32*#; "
        + LoadColumns + "{wa#,wb#,wc#,wd#}, [at]; )}")]
    public static void LoadTileValues(uint values) => throw HopperOnly();

    /// <summary>Adds the values by their weights.</summary>
    /// <param name="first">The weights of rows 2 (t % 4) and the next in column t / 4.</param>
    /// <param name="second">Those of the rows 8 below.</param>
    [IntrinsicImplementation, PtxTemplate(
        "$each(4," + TileProduct + "{la#,lb#,lc#,ld#}, {va#,vb#,vc#,vd#}, {$0,$1}, {la#,lb#,lc#,ld#}; "
        + TileProduct + "{ha#,hb#,hc#,hd#}, {wa#,wb#,wc#,wd#}, {$0,$1}, {ha#,hb#,hc#,hd#}; )")]
    public static void AddTileValues(uint first, uint second) => throw HopperOnly();

    /// <summary>
    /// Stores the thread's 16 sums in shared memory: four times elements 16 i + r, the one 8 behind, and the two 64 behind these, for i = 0 to 3 and
    /// r = t / 4.
    /// </summary>
    /// <param name="address">Where to, a multiple of 16.</param>
    /// <param name="really">Nothing is stored if it is 0.</param>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred really; .reg .f32 a, b, c, d; setp.ne.s32 really, $1, 0; $each(4,add.f32 a, la#, lb#; add.f32 b, lc#, ld#; "
        + "add.f32 c, ha#, hb#; add.f32 d, hc#, hd#; @really st.shared.v4.f32 [$0+16*#], {a,b,c,d}; )}")]
    public static void StoreTileSums(uint address, int really) => throw HopperOnly();

    /// <summary>Two floats into shared memory, if <paramref name="really"/> is not 0. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .pred really; setp.ne.s32 really, $3, 0; @really st.shared.v2.f32 [$0], {$1,$2}; }")]
    public static void StoreSharedPair(uint address, float first, float second, int really) => throw HopperOnly();

    /// <summary>
    /// Starts copies of 16 bytes of an entry's key, and of its value to a place 4096 bytes behind; zeros if the cell is -1, and nothing at all if it
    /// is -2. Addresses are multiples of 16.
    /// </summary>
    /// <param name="shared">Where the key's go.</param>
    /// <param name="keys">Where those of cell 0 are.</param>
    /// <param name="values">Where those of its value are.</param>
    /// <param name="cell">The entry's cell.</param>
    /// <param name="bytes">From a cell to the next.</param>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred some; .reg .b32 cell, count; .reg .b64 key, value; setp.ne.s32 some, $3, -2; max.s32 cell, $3, 0; shr.s32 count, $3, 31; "
        + "not.b32 count, count; and.b32 count, count, 16; mad.wide.s32 key, cell, $4, $1; mad.wide.s32 value, cell, $4, $2; "
        + "@some cp.async.cg.shared.global.L2::128B [$0], [key], 16, count; "
        + "@some cp.async.cg.shared.global.L2::128B [$0+4096], [value], 16, count; }")]
    public static void StartEntryCopies(uint shared, ulong keys, ulong values, int cell, int bytes) => throw HopperOnly();

    /// <summary>Eight bytes into shared memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("st.shared.v2.u32 [$0], {$1, $2};")]
    public static void StoreSharedUIntPair(uint address, uint first, uint second) => throw HopperOnly();

    /// <summary>Two floats of shared memory. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.shared.v2.f32 {$r.0, $r.1}, [$0];")]
    public static FloatPair LoadSharedPair(uint address) => throw HopperOnly();

    /// <summary>Four bytes of eight, those of <paramref name="first"/> counted from 0 and those of <paramref name="second"/> from 4.</summary>
    /// <param name="first">Four bytes.</param>
    /// <param name="second">Four more.</param>
    /// <param name="which">The number of each byte, in four bits, the lowest first.</param>
    [IntrinsicImplementation, PtxTemplate("prmt.b32 $r, $0, $1, $2;")]
    public static uint PickBytes(uint first, uint second, uint which) => throw HopperOnly();
}

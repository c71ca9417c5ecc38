using System.Reflection;
using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>
/// Every kernel that goes through <see cref="PtxLoader"/>, generic ones once for each element type, count of rows and tile that is loaded.
/// </summary>
internal static class CudaKernels
{
    private static readonly ElementType[] Types = Enum.GetValues<ElementType>();

    /// <summary>All of them, names without repetition.</summary>
    public static IEnumerable<CudaKernel> All() =>
    [
        .. Decode(), .. SplitDecode(), .. MatVecs(), .. Loras(), .. Tiles(), .. Batches(), .. Tensors(), .. Gradients(),
        Plain(nameof(Bfloat16CopyPtx.Narrow), (Action<ulong, ulong, long>)Bfloat16CopyPtx.Narrow, 256, CudaGeneration.Ampere),
        Plain(nameof(Bfloat16CopyPtx.Widen), (Action<ulong, ulong, long>)Bfloat16CopyPtx.Widen, 256, CudaGeneration.Ampere),
        Plain(nameof(RmsNormBfloat16), (Action<ulong, ulong, ulong, RmsNormShape>)RmsNormBfloat16.Kernel, 256, CudaGeneration.Ampere),
        Plain(nameof(SwiGluBfloat16), (Action<ulong, ulong, ulong, long>)SwiGluBfloat16.Kernel, 256, CudaGeneration.Ampere),
        Plain(nameof(FlashPreparation), (Delegate)FlashPreparation.Run, FlashPreparation.GroupSize, CudaGeneration.Hopper),
        new(
            nameof(TileDecodeKernel), DuoCausalAttentionTileDecode.Method, DuoCausalAttentionTileDecode.Residency, CudaGeneration.Hopper),
        new(nameof(FlashKernel), ((Delegate)FlashKernel.Run).Method, new KernelSpecialization(FlashKernel.GroupSize, 1), CudaGeneration.Hopper),
        .. PackedAttentions(),
        Plain("hold", (Delegate)CudaHold.Wait, 1, CudaGeneration.Turing),
        Plain("nothing", (Delegate)CudaHold.Nothing, 1, CudaGeneration.Turing),
    ];

    /// <summary>One instance of every kernel, where there are more: bf16 weights, the smallest and the largest count of rows.</summary>
    public static IEnumerable<CudaKernel> Some() => All().Where(kernel => kernel.Name.Split(", ") is not [_, _, ..] || Chosen.Contains(kernel.Name));

    private static readonly HashSet<string> Chosen =
    [
        "PackedAttention Forward, 128", "PackedAttention Queries, 128", "PackedAttention Entries, 128",
        "MatVec ProjectedRows, Bf16, 1 rows", "MatVec GatedRows, F16, 2 rows", "MatVec HeadPairs, F32, 8 rows",
        "LoraMatVec GatedRows + GatedUpdates, Bf16, 1 rows, 3 groups", "LoraMatVec ThreeProjections + ProjectionUpdates, Bf16, 4 rows, 2 groups",
        "LoraMatVec ProjectedRows + ProjectionUpdates, F16, 1 rows, 3 groups",
        "Embedding copy, F32", "Embedding mix, Bf16", "DeciderResident, Bf16, 4 rows",
        "SplitDecode, Bf16, 128, 2 heads", "SplitDecode, F32, 64, 4 heads", "BatchProduct Add, 32",
        "WeightTiles GatedRows, 16 x 2, MemorySums", "WeightTiles ProjectedRows + ProjectionUpdates, 128 x 1",
        "WeightTiles GatedRows, 64 x 2, warpgroups", "WeightTiles ReducedTokens, 32 x 2, warpgroups, 4 together",
        "Mma wide, Add", "Mma narrow, Bfloat16", "Wgmma 256, Gated", "Wgmma 128, Add, 2 together",
        "MmaGradient 128, whole", "MmaGradient 64, parts", "WgmmaGradient 256, whole", "WgmmaGradient 64, parts",
    ];

    private static IEnumerable<CudaKernel> Decode() =>
    [
        new(nameof(DeciderSpread), DeciderCudaSpread.Method, DeciderCudaSpread.Residency, CudaGeneration.Turing),
        Plain(nameof(HostLetter), HostLetter.Method, HostLetter.MaxGroupSize),
        Plain(nameof(HostMailbox), Named(typeof(HostMailbox), "Send"), 128),
        Plain(nameof(LogitsSumCudaBuckets), LogitsSumCudaBuckets.Method, 128),
        Plain(nameof(SamplingCudaTop), SamplingCudaTop.Method, 128),
        Plain(nameof(TapCudaQuads), TapCudaQuads.Method, 256),
        new(nameof(TopKCudaBuckets), TopKCudaBuckets.Method, new KernelSpecialization(1024, 1), CudaGeneration.Turing),
        .. from type in Types select Plain($"Embedding copy, {type}", EmbeddingCudaOctets.CopyMethod(type), 256),
        .. from type in Types select Plain($"Embedding mix, {type}", EmbeddingCudaOctets.MixMethod(type), 256),
        .. from rows in (int[])[1, 2, 4]
           from type in (ElementType[])[ElementType.F32, ElementType.Bf16]
           select new CudaKernel(
               $"DeciderResident, {type}, {rows} rows", DeciderCudaResident.Method(rows, type), DeciderCudaResident.Residency,
               CudaGeneration.Turing),
    ];

    private static IEnumerable<CudaKernel> SplitDecode() =>
        from type in Types
        from headDim in (int[])[32, 64, 128]
        from heads in (int[])[1, 2, 4]
        select new CudaKernel(
            $"SplitDecode, {type}, {headDim}, {heads} heads", SplitDecodeLaunches.Method(type, headDim, heads),
            new KernelSpecialization(SplitDecodeKernel.GroupSize, SplitDecodeLaunches.GroupsPerMultiprocessor(heads)), CudaGeneration.Turing);

    private static IEnumerable<CudaKernel> MatVecs() =>
    [
        .. MatVecs<ProjectedRows>(), .. MatVecs<ThreeProjections>(), .. MatVecs<GatedRows>(),
        .. MatVecs<HeadPairs>(),
    ];

    private static IEnumerable<CudaKernel> Loras() =>
    [
        Plain(nameof(LoraCells), LoraCells.Method, 1),
        .. Loras<ProjectedRows, ProjectionUpdates>(), .. Loras<ThreeProjections, ProjectionUpdates>(), .. Loras<GatedRows, GatedUpdates>(),
    ];

    private static IEnumerable<CudaKernel> Loras<TPairs, TUpdates>() where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates =>
        from type in Types
        from rows in (int[])[1, 2, 4, 8]
        from generation in new HashSet<CudaGeneration>
        {
            CudaGeneration.Turing, rows <= 2 && type != ElementType.F32 ? CudaGeneration.Hopper : CudaGeneration.Turing,
        }
        let groups = LoraMatVecLaunches<TPairs, TUpdates>.MostResident(type, rows, generation)
        select new CudaKernel(
            $"LoraMatVec {NameOf<TPairs, TUpdates>()}, {type}, {rows} rows, {groups} groups",
            LoraMatVecLaunches<TPairs, TUpdates>.Method(type, rows), new KernelSpecialization(MatVec.GroupSize, groups), generation);

    private static IEnumerable<CudaKernel> MatVecs<TPairs>() where TPairs : struct, IWeightPairs =>
        from type in Types
        from rows in (int[])[1, 2, 4, 8]
        from copied in rows == 1 ? (bool[])[false, true] : [false]
        select new CudaKernel(
            $"MatVec {typeof(TPairs).Name}, {type}, {rows} rows{(copied ? ", copied" : "")}",
            MatVecLaunches<TPairs>.Method(type, rows, copied),
            new KernelSpecialization(MatVec.GroupSize, rows <= 2 && type != ElementType.F32 ? 3 : 2),
            copied ? CudaGeneration.Hopper : CudaGeneration.Turing);

    private static IEnumerable<CudaKernel> Tiles() =>
    [
        new(nameof(PackedTokens), ((Delegate)PackedTokens.Pack).Method, new KernelSpecialization(), CudaGeneration.Ampere),
        .. Tiles<ProjectedRows, NoUpdates>(), .. Tiles<ThreeProjections, NoUpdates>(), .. Tiles<GatedRows, NoUpdates>(),
        .. Tiles<ReducedTokens, NoUpdates>(), .. Tiles<ProjectedRows, ProjectionUpdates>(), .. Tiles<ThreeProjections, ProjectionUpdates>(),
        .. Tiles<GatedRows, GatedUpdates>(),
    ];

    private static IEnumerable<CudaKernel> Tiles<TPairs, TUpdates>() where TPairs : struct, IWeightPairs where TUpdates : struct, IPairUpdates =>
        from size in ((int Tokens, int Terms)[])[(16, 2), (32, 2), (64, 2), (64, 1), (128, 1)]
        from warpgroups in (bool[])[false, true]
        from splits in (int[])[1, 2, 4, WeightTilesPlan.MaxSplits]
        from throughMemory in splits == 2 && !warpgroups ? (bool[])[false, true] : [false] // one text for all counts of groups
        let key = new WeightTilesKernel(size.Tokens, size.Terms, splits, warpgroups, throughMemory)
        let how = throughMemory ? ", MemorySums" : splits > 1 ? $", {splits} together" : ""
        select new CudaKernel(
            $"WeightTiles {NameOf<TPairs, TUpdates>()}, {size.Tokens} x {size.Terms}{(warpgroups ? ", warpgroups" : "")}{how}",
            WeightTilesLaunches<TPairs, TUpdates>.Method(key), new KernelSpecialization(MatVec.GroupSize, 1),
            warpgroups ? CudaGeneration.Hopper : CudaGeneration.Ampere, throughMemory ? 1 : splits);

    private static IEnumerable<CudaKernel> PackedAttentions() =>
    [
        Plain("PackedAttention narrow", (Delegate)PackedMmaPreparation.Narrow, PackedMmaPreparation.GroupSize, CudaGeneration.Ampere),
        Plain("PackedAttention statistics", (Delegate)PackedMmaPreparation.Statistics, PackedMmaPreparation.GroupSize, CudaGeneration.Ampere),
        .. from kernel in Enum.GetValues<PackedMmaKernel>()
           from headDim in (int[])[64, 128]
           select new CudaKernel(
               $"PackedAttention {kernel}, {headDim}", PackedAttentionMma.Text(kernel, headDim).Run.Method,
               new KernelSpecialization(PackedLines.GroupSize, 2), CudaGeneration.Ampere),
    ];

    private static IEnumerable<CudaKernel> Batches() =>
    [
        Plain(nameof(BatchInput), BatchInput.Method, 128, CudaGeneration.Hopper),
        Plain("DeciderBatch split", (Delegate)DeciderPartsKernels.Split, DeciderPartsKernels.GroupSize, CudaGeneration.Hopper),
        Plain("DeciderBatch collect", (Delegate)DeciderPartsKernels.Collect, DeciderPartsKernels.GroupSize, CudaGeneration.Hopper),
        Plain("DeciderBatch judge", (Delegate)DeciderPartsKernels.Judge, DeciderPartsKernels.GroupSize, CudaGeneration.Hopper),
        Plain("DeciderBatch norm", (Delegate)DeciderPartsKernels.Norm, DeciderPartsKernels.GroupSize, CudaGeneration.Hopper),
        .. from tokens in (int[])[16, 32, 64, BatchProduct.MaxTokens]
           from store in Enum.GetValues<BatchStore>()
           from splits in (int[])[1, 4] // one text for all counts of groups
           let key = new BatchProductKernel(tokens, store, splits)
           select new CudaKernel(
               $"BatchProduct {store}, {tokens}{(splits > 1 ? ", together" : "")}", BatchProducts.Method(key),
               new KernelSpecialization(BatchProducts.MaxGroupSize, 1), CudaGeneration.Hopper, splits),
    ];

    private static IEnumerable<CudaKernel> Tensors() =>
    [
        .. from store in (TensorStore[])[TensorStore.Replace, TensorStore.Add, TensorStore.Bfloat16]
           from kernel in ((string Width, Action<TensorProductTask> Run)[])
               [("wide", MmaProducts.Kernel<MmaTwice<MmaTwice<MmaStrip>>>(store)), ("narrow", MmaProducts.Kernel<MmaTwice<MmaStrip>>(store))]
           select new CudaKernel(
               $"Mma {kernel.Width}, {store}", kernel.Run.Method, new KernelSpecialization(MmaProduct.GroupSize, 1), CudaGeneration.Ampere),
        .. from store in Enum.GetValues<TensorStore>()
           from geometry in store == TensorStore.Gated ? WgmmaGeometry.Gated : WgmmaGeometry.All
           select new CudaKernel(
               $"Wgmma {geometry.Columns}, {store}{(geometry.Parts > 1 ? $", {geometry.Parts} together" : "")}",
               WgmmaProducts.Kernel(geometry, store).Kernel.Method, new KernelSpecialization(WgmmaProduct.GroupSize, 1), CudaGeneration.Hopper,
               geometry.Parts),
    ];

    private static IEnumerable<CudaKernel> Gradients() =>
    [
        Plain(nameof(WeightGradientParts), WeightGradientParts.Method, WeightGradientParts.GroupSize, CudaGeneration.Ampere),
        .. from whole in (bool[])[true, false]
           from columns in MmaGradients.AllColumns
           select new CudaKernel(
               $"MmaGradient {columns}, {(whole ? "whole" : "parts")}", MmaGradients.Kernel(columns, whole).Kernel.Method,
               new KernelSpecialization(MmaProduct.GroupSize, 1), CudaGeneration.Ampere),
        .. from whole in (bool[])[true, false]
           from columns in WgmmaGradients.AllColumns
           select new CudaKernel(
               $"WgmmaGradient {columns}, {(whole ? "whole" : "parts")}", WgmmaGradients.Kernel(columns, whole).Kernel.Method,
               new KernelSpecialization(WgmmaProduct.GroupSize, 1), CudaGeneration.Hopper),
    ];

    private static string NameOf<TPairs, TUpdates>() =>
        typeof(TUpdates) == typeof(NoUpdates) ? typeof(TPairs).Name : $"{typeof(TPairs).Name} + {typeof(TUpdates).Name}";

    private static CudaKernel Plain(string name, Delegate kernel, int groupSize, CudaGeneration least) => Plain(name, kernel.Method, groupSize, least);

    private static CudaKernel Plain(string name, MethodInfo method, int groupSize, CudaGeneration least = CudaGeneration.Turing) =>
        new(name, method, new KernelSpecialization(groupSize, null), least);

    private static MethodInfo Named(Type type, string name) =>
        type.GetMethods(BindingFlags.NonPublic | BindingFlags.Static).Single(method => method.Name == name);
}

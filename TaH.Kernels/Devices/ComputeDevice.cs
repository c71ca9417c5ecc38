using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace TaH.Kernels;

/// <summary>An opened device: its ILGPU accelerator, and on the CPU the threads that SIMD kernels run on.</summary>
public sealed class ComputeDevice : IDisposable
{
    private readonly Context _context;
    private readonly Lazy<TensorMaps> _tensorMaps;
    private CudaGeneration _generation;

    /// <summary>Opens a device.</summary>
    /// <param name="info">Which.</param>
    /// <param name="context">Where it was found; it is the device's from here on.</param>
    /// <param name="cacheDirectory">Where compiled kernels are kept; null to keep none.</param>
    internal ComputeDevice(DeviceInfo info, Context context, string? cacheDirectory)
    {
        (Info, _context, _tensorMaps) = (info, context, new(() => new TensorMaps(this)));
        Accelerator = info.Kind switch
        {
            DeviceKind.Cuda => context.CreateCudaAccelerator(info.Index),
            DeviceKind.OpenCl => context.CreateCLAccelerator(info.Index),
            _ => context.CreateCPUAccelerator(0),
        };
        if (Accelerator is CudaAccelerator) DefaultStreamOf(Accelerator) = Accelerator.CreateStream();
        _generation = PtxLoader.GenerationOf(Accelerator);
        Kernels = new KernelLoader(Accelerator, cacheDirectory);
        if (info.Kind == DeviceKind.Cpu) Workers = new CpuWorkers(Environment.ProcessorCount);
        GroupSize = info switch { { Kind: DeviceKind.Cpu } => 1, { IsGpu: true } => 128, _ => 16 };
    }

    private ComputeDevice(DeviceInfo info, Context context, CPUAccelerator accelerator)
    {
        (Info, _context, Accelerator, GroupSize, _tensorMaps) = (info, context, accelerator, 1, new(() => new TensorMaps(this)));
        Kernels = new KernelLoader(accelerator, directory: null);
        Workers = new CpuWorkers(1);
    }

    /// <summary>What the device is, and of a CUDA device whose kernels it runs.</summary>
    public DeviceInfo Info { get; private set; }

    /// <summary>CPU, OpenCL or CUDA.</summary>
    public DeviceKind Kind => Info.Kind;

    /// <summary>ILGPU's handle, which owns memory and launches kernels.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>
    /// Threads of a group in portable kernels, a power of two of at most <see cref="GroupReduce.MaxGroupSize"/>: 1 on ILGPU's CPU accelerator, whose
    /// barriers are thread barriers of the operating system; few on a CPU runtime of OpenCL, which runs a group on one core; four warps on a GPU.
    /// </summary>
    public int GroupSize { get; }

    /// <summary>
    /// Which instructions kernels may use; at first all that the card has. A lower one makes operations that are created from now on choose what an
    /// older card would get, and compiles their kernels for one.
    /// </summary>
    /// <exception cref="NotSupportedException">The card cannot run that generation.</exception>
    public CudaGeneration Generation
    {
        get => _generation;
        set
        {
            var own = PtxLoader.GenerationOf(Accelerator);
            if (value > own)
                throw new NotSupportedException($"{Info.Name} runs no kernels for {value}; the newest that it runs are {DeviceInfo.KernelsFor(own)}");
            _generation = value;
            if (Kind == DeviceKind.Cuda) Info = Info.WithKernels(value);
        }
    }

    /// <summary>
    /// The architecture that kernels are chosen and compiled for: the card's own, unless <see cref="Generation"/> names an older one. Null where
    /// there is no card.
    /// </summary>
    internal CudaArchitecture? Architecture => Accelerator is not CudaAccelerator card ? null
        : Generation == PtxLoader.GenerationOf(card) ? card.Architecture
        : Generation == CudaGeneration.Ampere ? CudaArchitecture.SM_80 : CudaArchitecture.SM_75;

    /// <summary>How the device came to its kernels so far: compiled, or as an earlier run had compiled them.</summary>
    public KernelReport KernelReport => Kernels.Report;

    /// <summary>Begins to load the kernels that earlier runs needed while the caller does something else, such as bringing weights here.</summary>
    public void LoadKernelsAhead() => Kernels.LoadAhead();

    /// <summary>Where launches come from; operations ask by <see cref="KernelLaunches"/>.</summary>
    internal KernelLoader Kernels { get; }

    /// <summary>The threads of SIMD kernels; null unless the device is the CPU.</summary>
    public CpuWorkers? Workers { get; }

    /// <summary>Of a Hopper card, descriptions of matrices that kernels copy tiles of.</summary>
    internal TensorMaps TensorMaps => _tensorMaps.Value;

    /// <summary>What small uploads go with while a pass is prepared; null where nobody runs passes that way.</summary>
    internal HostLetter? Letter { get; set; }

    /// <summary>Counts how often a buffer that launches know by address was replaced by a larger one.</summary>
    internal long MemoryVersion { get; private set; }

    /// <summary>
    /// Before a buffer that launches know by address is replaced: waits until none of them runs, and tells whoever recorded launches.
    /// </summary>
    internal void ReplaceMemory()
    {
        Synchronize();
        MemoryVersion++;
    }

    /// <summary>Records launches; null where nobody profiles. See <see cref="KernelProfiler.Attach"/>.</summary>
    public KernelProfiler? Profiler { get; internal set; }

    /// <summary>Opens the scope of one launch: <c>using var _ = device.Profile(nameof(RmsNorm), variant, shape.Work);</c></summary>
    /// <param name="operation">The operation's name.</param>
    /// <param name="variant">The variant that runs.</param>
    /// <param name="work">What it has to do at the least.</param>
    public KernelScope Profile<TVariant>(string operation, TVariant variant, KernelWork work) where TVariant : struct, Enum =>
        Profiler is { } profiler ? profiler.Begin(operation, variant.ToString(), work) : default;

    /// <summary>The same for a kernel whose variant is no enumeration.</summary>
    public KernelScope Profile(string operation, string variant, KernelWork work) =>
        Profiler is { } profiler ? profiler.Begin(operation, variant, work) : default;

    /// <summary>
    /// A card in miniature on the CPU, two multiprocessors of eight warps of 32 threads: very slow, but kernels written for CUDA can be tested on it.
    /// </summary>
    internal static ComputeDevice SimulateWarps()
    {
        var context = Context.Create(builder => builder.CPU(new CPUDevice(MatVec.WarpSize, MatVec.Warps, 2)).EnableAlgorithms());
        return new ComputeDevice(
            new DeviceInfo(DeviceKind.Cpu, 0, "simulated warps", 0, IsGpu: false, "warps of 32"), context, context.CreateCPUAccelerator(0));
    }

    /// <summary>Allocates room for <paramref name="length"/> floats; their values are undefined.</summary>
    public FloatBuffer AllocateFloats(long length) => Accelerator.Allocate1D<float>(Math.Max(1, length));

    /// <summary>Allocates room for <paramref name="length"/> ints; their values are undefined.</summary>
    public IntBuffer AllocateInts(long length) => Accelerator.Allocate1D<int>(Math.Max(1, length));

    /// <summary>Copies values into new device memory.</summary>
    public FloatBuffer Upload(ReadOnlySpan<float> values)
    {
        var buffer = AllocateFloats(values.Length);
        buffer.View.BaseView.SubView(0, values.Length).CopyFromCPU(Accelerator.DefaultStream, values);
        Synchronize();
        return buffer;
    }

    /// <summary>Copies the beginning of a view to the host, after every launch so far has finished.</summary>
    public void Download<T>(ArrayView<T> source, Span<T> target) where T : unmanaged
    {
        if (target.Length == 0) return;
        source.SubView(0, target.Length).CopyToCPU(Accelerator.DefaultStream, target);
        Synchronize();
    }

    /// <summary>Waits until every launch so far has finished.</summary>
    public void Synchronize() => Accelerator.DefaultStream.Synchronize();

    /// <summary>Refuses a variant that is written for the CPU on any other device.</summary>
    internal void RequireCpu(string variant)
    {
        if (Kind != DeviceKind.Cpu) throw new NotSupportedException($"variant {variant} runs on the CPU only; this device is {Info.Name}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kernels.Dispose();
        Letter?.Dispose();
        Workers?.Dispose();
        if (_tensorMaps.IsValueCreated) _tensorMaps.Value.Dispose();
        Accelerator.Dispose();
        _context.Dispose();
    }

    // What ILGPU makes is the driver's legacy stream, which cannot be recorded as a graph. The property's setter is not public.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<DefaultStream>k__BackingField")]
    private static extern ref AcceleratorStream DefaultStreamOf(Accelerator accelerator);

    /// <summary>A context that knows the devices of one kind only, so that no other driver is loaded.</summary>
    internal static Context CreateContext(DeviceKind kind) => Context.Create(builder =>
    {
        // O2 infers address spaces, which OpenCL devices without generic ones need.
        builder.Optimize(OptimizationLevel.O2).EnableAlgorithms();
        _ = kind switch
        {
            DeviceKind.Cuda => builder.Cuda().AddPtxInstructions(),
            DeviceKind.OpenCl => builder.OpenClDevices(),
            // Two multiprocessors of one thread each (a warp of two is the least): with group size 1 no barrier ever waits.
            _ => builder.CPU(new CPUDevice(2, 1, 2)),
        };
    });
}

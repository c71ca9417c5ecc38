using System.Collections.Concurrent;
using System.Diagnostics;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace TaH.Kernels;

/// <summary>
/// Brings kernels to one device: each is compiled once, by an earlier run if its text was kept, and loaded once. Any thread may ask.
/// </summary>
internal sealed class KernelLoader
{
    private readonly Accelerator _accelerator;
    private readonly KernelFiles? _files;
    private readonly string? _directory;
    private readonly ConcurrentDictionary<KernelRequest, Lazy<Kernel>> _loaded = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentDictionary<IntPtr, bool> _waitingThemselves = new();
    private int _kept;
    private int _compiled;
    private long _ticks;

    /// <summary>Loads nothing yet.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="directory">The cache directory; null to keep nothing. ILGPU's CPU accelerator runs .NET code, of which nothing is kept anyway.</param>
    public KernelLoader(Accelerator accelerator, string? directory)
    {
        _accelerator = accelerator;
        _directory = accelerator is CPUAccelerator ? null : directory;
        _files = _directory is null ? null : new KernelFiles(_directory, _faults.Enqueue);
    }

    /// <summary>What was loaded so far, and from where.</summary>
    public KernelReport Report => new(_directory, _kept, _compiled, TimeSpan.FromTicks(Interlocked.Read(ref _ticks)), [.. _faults]);

    /// <summary>The kernel, ready to launch.</summary>
    public Kernel Load(KernelRequest request) => _loaded.GetOrAdd(request, asked => new Lazy<Kernel>(() => Make(asked))).Value;

    /// <summary>Whether a CUDA function waits for the kernels before it in its own time; see <see cref="PtxInstructions.WaitForPrevious"/>.</summary>
    public bool WaitsItself(IntPtr function) => _waitingThemselves.ContainsKey(function);

    private Kernel Make(KernelRequest request)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            if (_accelerator is not CPUAccelerator) return Kept(request) ?? Compile(request);
            Interlocked.Increment(ref _compiled);
            return _accelerator.LoadKernel(request.Method, request.Specialization);
        }
        finally
        {
            Interlocked.Add(ref _ticks, Stopwatch.GetElapsedTime(start).Ticks);
        }
    }

    private Kernel? Kept(KernelRequest request)
    {
        var key = KernelKey.Of(_accelerator, request);
        if (_files is null || !_files.TryRead(key, out var text)) return null;
        try
        {
            var kernel = Load(text, request);
            Interlocked.Increment(ref _kept);
            return kernel;
        }
        catch (Exception exception) when (exception is CudaException or CLException)
        {
            _faults.Enqueue($"{_files.PathOf(key)} is refused by the driver ({exception.Message}); compiled anew");
            return null;
        }
    }

    private Kernel Compile(KernelRequest request)
    {
        var text = KernelText.Compile(_accelerator, request);
        var kernel = Load(text, request);
        Interlocked.Increment(ref _compiled);
        _files?.Write(KernelKey.Of(_accelerator, request), text);
        return kernel;
    }

    private Kernel Load(KernelText text, KernelRequest request)
    {
        var kernel = _accelerator.LoadKernel(text.ToCompiled(_accelerator, request));
        if (kernel is CudaKernel cuda && PtxText.WaitsItself(text.Source)) _waitingThemselves[cuda.FunctionPtr] = true;
        return kernel;
    }
}

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
internal sealed class KernelLoader : IDisposable
{
    // More than any way of generating uses; what else was measured or tested some day need not be loaded by everybody.
    private const int MostAhead = 64;

    private readonly Accelerator _accelerator;
    private readonly KernelFiles? _files;
    private readonly string? _directory;
    private readonly ConcurrentDictionary<KernelRequest, Lazy<Kernel>> _loaded = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentDictionary<IntPtr, bool> _waitingThemselves = new();
    private readonly ConcurrentDictionary<KernelRequest, bool> _asked = new();
    private readonly CancellationTokenSource _disposing = new();
    private Task _ahead = Task.CompletedTask;
    private int _kept;
    private int _compiled;
    private long _ticks;

    /// <summary>Loads nothing yet.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="directory">The cache directory; null to keep nothing. Of the CPU accelerator's kernels, .NET code, nothing is kept.</param>
    public KernelLoader(Accelerator accelerator, string? directory)
    {
        _accelerator = accelerator;
        _directory = accelerator is CPUAccelerator ? null : directory;
        _files = _directory is null ? null : new KernelFiles(_directory, _faults.Enqueue);
    }

    /// <summary>What was loaded so far, and from where.</summary>
    public KernelReport Report => new(_directory, _kept, _compiled, TimeSpan.FromTicks(Interlocked.Read(ref _ticks)), [.. _faults]);

    /// <summary>The kernel, ready to launch.</summary>
    public Kernel Load(KernelRequest request)
    {
        var kernel = Once(request);
        // Files that are asked for stay young, whoever loaded them.
        if (_asked.TryAdd(request, true)) _files?.Touch(KernelKey.Of(_accelerator, request));
        return kernel;
    }

    /// <summary>
    /// Begins to load, on another thread, the kernels that earlier runs asked for, and goes on at once. Whoever asks for one of them meanwhile waits
    /// for this one only.
    /// </summary>
    public void LoadAhead()
    {
        if (_files is null) return;
        _ahead = Task.Run(() =>
        {
            _accelerator.Bind();
            foreach (var key in _files.Recent(KernelKey.DirectoryNameOf(_accelerator), MostAhead))
            {
                if (_disposing.IsCancellationRequested) return;
                if (KernelKey.RequestOf(key, _accelerator) is { } request) TryOnce(request);
            }
        });
    }

    /// <summary>Waits until nothing is loaded any more.</summary>
    public void Dispose()
    {
        _disposing.Cancel();
        _ahead.Wait();
        _disposing.Dispose();
    }

    /// <summary>Whether a CUDA function waits for the kernels before it in its own time; see <see cref="PtxInstructions.WaitForPrevious"/>.</summary>
    public bool WaitsItself(IntPtr function) => _waitingThemselves.ContainsKey(function);

    private Kernel Once(KernelRequest request) => _loaded.GetOrAdd(request, asked => new Lazy<Kernel>(() => Make(asked))).Value;

    private void TryOnce(KernelRequest request)
    {
        try
        {
            Once(request);
        }
        catch (Exception)
        {
            // Kept by the Lazy for whoever asks for this kernel; nobody may.
        }
    }

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

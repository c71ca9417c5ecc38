using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace TaH.Kernels;

/// <summary>Fills memory with bytes of a matrix as it is stored. Called by several threads at a time.</summary>
/// <param name="offset">The first byte, counted from the matrix's beginning.</param>
/// <param name="target">Where they go; every byte is written, or an exception says why not.</param>
public delegate void WeightReader(long offset, Span<byte> target);

/// <summary>
/// Brings matrices to a device while the caller goes on: threads read pieces into memory of their own and send them off, so that the disk, the copies
/// between memories and the way to the device are busy at the same time. Host memory stays within a piece a thread.
/// </summary>
public sealed class WeightUpload : IDisposable
{
    // Enough to keep a fast disk's queue filled and a card's link busy; pinning more memory costs time of its own.
    private const int MaxReaders = 8;
    private const int MinReaders = 2;
    private const int DefaultPieceBytes = 8 << 20;

    private readonly ComputeDevice _device;
    private readonly int _pieceBytes;
    private readonly BlockingCollection<Piece> _pieces = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Thread> _readers = [];
    private ExceptionDispatchInfo? _failure;
    private bool _disposed;

    /// <summary>Starts the threads.</summary>
    /// <param name="device">Where matrices go.</param>
    public WeightUpload(ComputeDevice device)
        : this(device, Math.Clamp(Environment.ProcessorCount, MinReaders, MaxReaders), DefaultPieceBytes)
    {
    }

    /// <summary>Starts as many threads as are asked for, with pieces of as many bytes.</summary>
    internal WeightUpload(ComputeDevice device, int readers, int pieceBytes)
    {
        (_device, _pieceBytes) = (device, pieceBytes);
        for (var i = 0; i < readers; i++)
        {
            var reader = new Thread(Read) { IsBackground = true, Name = "weights" };
            _readers.Add(reader);
            reader.Start();
        }
    }

    /// <summary>A matrix whose elements arrive later; until <see cref="Complete"/> returns they are undefined.</summary>
    /// <param name="type">How an element is stored.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs.</param>
    /// <param name="read">Gives the bytes of [rows, columns].</param>
    /// <returns>The matrix; the caller disposes of it, after this upload if that fails.</returns>
    public WeightMatrix Add(ElementType type, int rows, int columns, WeightReader read)
    {
        var matrix = WeightMatrix.Allocate(_device, type, rows, columns);
        for (long offset = 0; offset < matrix.ByteCount; offset += _pieceBytes)
            _pieces.Add(new Piece(matrix, offset, (int)Math.Min(_pieceBytes, matrix.ByteCount - offset), read));
        return matrix;
    }

    /// <summary>Waits until every matrix is whole.</summary>
    /// <exception cref="Exception">What the first reader that failed threw.</exception>
    public void Complete()
    {
        _pieces.CompleteAdding();
        foreach (var reader in _readers) reader.Join();
        _failure?.Throw();
    }

    /// <summary>Stops the threads, whatever has arrived.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _stop.Cancel();
        foreach (var reader in _readers) reader.Join();
        _pieces.Dispose();
        _stop.Dispose();
    }

    private void Read()
    {
        try
        {
            using var staging = Staging.Create(_device, _pieceBytes);
            foreach (var piece in _pieces.GetConsumingEnumerable(_stop.Token))
            {
                piece.Read(piece.Offset, staging.Reserve(piece.Length));
                staging.Send(piece.Matrix, piece.Offset, piece.Length);
            }
            staging.Flush();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Another reader failed, or nobody wants the weights any more.
        }
        catch (Exception failure)
        {
            // The others stop too; whoever waits in Complete hears why.
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null);
            _stop.Cancel();
        }
    }

    private readonly record struct Piece(WeightMatrix Matrix, long Offset, int Length, WeightReader Read);
}

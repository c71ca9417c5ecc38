using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace TaH.Engine;

/// <summary>A safetensors file, memory-mapped: opening reads the header only, and the tensors are the file's own pages.</summary>
/// <remarks>The layout is checked as strictly as the reference reader does: tensors in offset order leave no hole, overlap nowhere and
/// end where the file ends. Pages of a file that another program shortens while it is mapped cannot be guarded against; reads can, and say
/// so.</remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    /// <summary>The reference reader's bound on the header.</summary>
    private const long MaxHeaderBytes = 100_000_000;
    private const int LengthBytes = 8;

    private readonly string _name;
    private readonly SafeFileHandle _file;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    private SafetensorsFile(string path, string name)
    {
        Path = path;
        _name = name;
        var stream = CheckpointFiles.OpenRead(path, name);
        _file = stream.SafeFileHandle;
        try
        {
            var length = stream.Length;
            if (length < LengthBytes) throw Fault(null, $"has {length} bytes, too few for a safetensors header; it looks cut off");
            _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
            _start += _view.PointerOffset;
            (Tensors, Metadata) = ReadTensors(length);
        }
        catch (Exception error)
        {
            Dispose();
            stream.Dispose();
            if (error is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                throw new CheckpointException(name, null, $"cannot be mapped: {error.Message.TrimEnd('.')}", error);
            }

            throw;
        }
    }

    /// <summary>The path it was opened from.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, MappedTensor> Tensors { get; }

    /// <summary>The free-form <c>__metadata__</c> of the header.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The first byte of the mapped file.</summary>
    internal byte* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <summary>Maps a file and checks its header.</summary>
    /// <param name="path">The file; messages call it by its name without the directory.</param>
    /// <exception cref="CheckpointException">It cannot be opened, or it is not a well-formed safetensors file.</exception>
    public static SafetensorsFile Open(string path) => Open(path, System.IO.Path.GetFileName(path));

    /// <summary>Maps a file that messages call <paramref name="name"/>.</summary>
    internal static SafetensorsFile Open(string path, string name) => new(path, name);

    /// <summary>Unmaps the file; the pointers of its tensors are invalid from here on.</summary>
    public void Dispose()
    {
        if (_start is not null) _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _start = null;
        _view?.Dispose();
        _map?.Dispose();
    }

    /// <summary>Reads bytes of a tensor from the file itself, past the mapping: in large reads, which a disk serves faster than single pages. Any
    /// thread may call.</summary>
    /// <param name="tensor">The tensor's name.</param>
    /// <param name="position">The first byte in the file.</param>
    /// <param name="target">Every byte is written.</param>
    /// <exception cref="CheckpointException">The file has become shorter, or cannot be read.</exception>
    internal void Read(string tensor, long position, Span<byte> target)
    {
        try
        {
            for (var read = 0; read < target.Length;)
            {
                var count = RandomAccess.Read(_file, target[read..], position + read);
                if (count == 0) throw Fault(tensor, $"ends early: the file has become shorter than byte {Words.Grouped(position + target.Length)}");
                read += count;
            }
        }
        catch (IOException error)
        {
            throw new CheckpointException(_name, Words.Name(tensor), $"cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }

    internal CheckpointException Fault(string? tensor, string fact) => new(_name, tensor is null ? null : Words.Name(tensor), fact);

    private (Dictionary<string, MappedTensor>, Dictionary<string, string>) ReadTensors(long length)
    {
        var declared = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_start, LengthBytes));
        if (declared > MaxHeaderBytes)
        {
            throw Fault("header",
                $"declares {Words.Grouped(declared)} bytes, at most {Words.Grouped(MaxHeaderBytes)} are allowed; it is no safetensors file");
        }

        var dataStart = LengthBytes + (long)declared;
        if (dataStart > length)
        {
            throw Fault("header", $"ends at byte {Words.Grouped(dataStart)}, the file has {Words.Grouped(length)}; it looks cut off");
        }

        var (entries, metadata) = SafetensorsHeader.Read(_name, new ReadOnlySpan<byte>(_start + LengthBytes, (int)declared));
        CheckLayout(entries, dataStart, length);
        return (entries.ToDictionary(entry => entry.Name, entry => new MappedTensor(this, entry, dataStart), StringComparer.Ordinal), metadata);
    }

    private void CheckLayout(List<SafetensorsEntry> entries, long dataStart, long length)
    {
        var dataLength = length - dataStart;
        long position = 0;
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin < position) throw Fault(entry.Name, $"starts at offset {Words.Grouped(entry.Begin)}, inside the tensor before it");
            if (entry.Begin > position)
            {
                throw Fault(entry.Name, $"starts at offset {Words.Grouped(entry.Begin)}, the tensor before it ends at {Words.Grouped(position)}; "
                    + "safetensors allows no hole");
            }

            if (entry.End > dataLength)
            {
                var end = entry.End > long.MaxValue - dataStart ? long.MaxValue : dataStart + entry.End;
                throw Fault(entry.Name, $"ends at byte {Words.Grouped(end)}, the file has {Words.Grouped(length)}; it looks cut off");
            }

            position = entry.End;
        }

        if (position == dataLength) return;
        throw Fault(null, $"has {Words.Grouped(dataLength - position)} bytes after the last tensor");
    }
}

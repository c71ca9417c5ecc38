namespace TaH.Tests;

/// <summary>A disk that is full in the middle of one file, or that does nothing any more from some step on, as for a process that was killed.</summary>
internal sealed class FailingDisk : SavingDisk
{
    /// <summary>The file, counted from 0, of which only some bytes find room.</summary>
    public int FullAtFile { get; init; } = -1;

    /// <summary>The first change to the file system that does not happen any more.</summary>
    public int DeadFromStep { get; init; } = int.MaxValue;

    public int Created { get; private set; }

    public int Steps { get; private set; }

    public override Stream Create(string path)
    {
        Step();
        var file = base.Create(path);
        return Created++ == FullAtFile ? new FullStream(file) : file;
    }

    public override void Move(string from, string to)
    {
        Step();
        base.Move(from, to);
    }

    public override void MakeDirectory(string path)
    {
        Step();
        base.MakeDirectory(path);
    }

    public override void Delete(string path)
    {
        Step();
        base.Delete(path);
    }

    private void Step()
    {
        if (Steps++ >= DeadFromStep) throw new IOException("the process is dead");
    }

    /// <summary>A file that has room for 20 bytes.</summary>
    private sealed class FullStream(Stream file) : Stream
    {
        private const int Room = 20;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => file.Position = value;
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (file.Position + count > Room) throw new IOException("No space left on device");
            file.Write(buffer, offset, count);
        }

        public override void Flush() => file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void SetLength(long value) => file.SetLength(value);

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}

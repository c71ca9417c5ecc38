namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class WeightUploadTests(TestDevices devices)
{
    // Pieces of 2 bytes: an element each; 96: rows and matrices end within pieces; 1 MiB: a piece a matrix.
    public static TheoryData<DeviceKind, int, int> Cases()
    {
        var cases = new TheoryData<DeviceKind, int, int>();
        foreach (var kind in Enum.GetValues<DeviceKind>())
        foreach (var (readers, pieceBytes) in new[] { (1, 96), (3, 2), (4, 96), (8, 1 << 20) })
            cases.Add(kind, readers, pieceBytes);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_byte_arrives_in_its_place(DeviceKind kind, int readers, int pieceBytes)
    {
        var device = devices.OpenOrSkip(kind);
        (ElementType Type, int Rows, int Columns)[] shapes =
            [(ElementType.Bf16, 7, 31), (ElementType.F32, 3, 25), (ElementType.F16, 1, 1), (ElementType.Bf16, 40, 8)];
        var sources = shapes.Select((shape, seed) => Bytes(seed, shape.Rows * shape.Columns * WeightMatrix.SizeOf(shape.Type))).ToArray();
        using var upload = new WeightUpload(device, readers, pieceBytes);
        var matrices = shapes.Zip(sources, (shape, source) => upload.Add(shape.Type, shape.Rows, shape.Columns, ReaderOf(source))).ToArray();
        upload.Complete();
        foreach (var (matrix, source) in matrices.Zip(sources)) Assert.Equal(source, Stored(device, matrix));
        foreach (var matrix in matrices) matrix.Dispose();
    }

    [Theory, InlineData(DeviceKind.Cpu), InlineData(DeviceKind.OpenCl), InlineData(DeviceKind.Cuda)]
    public void A_reader_that_fails_ends_the_upload_with_its_own_exception(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        using var upload = new WeightUpload(device, readers: 3, pieceBytes: 64);
        using var good = upload.Add(ElementType.F32, 10, 10, (_, target) => target.Clear());
        using var bad = upload.Add(ElementType.F32, 10, 10, (offset, _) => throw new EndOfStreamException($"at {offset / 128 * 128}"));
        using var never = upload.Add(ElementType.F32, 10, 10, (_, target) => target.Clear());
        Assert.StartsWith("at ", Assert.Throws<EndOfStreamException>(upload.Complete).Message);
    }

    [Fact]
    public void Disposing_of_an_upload_stops_it_and_may_be_done_twice()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var upload = new WeightUpload(device, readers: 2, pieceBytes: 64);
        using var matrix = upload.Add(ElementType.F32, 10, 1000, (_, target) =>
        {
            target.Clear();
            Thread.Sleep(1);
        });
        upload.Dispose();
        upload.Dispose();
    }

    private static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static WeightReader ReaderOf(byte[] source) => (offset, target) => source.AsSpan((int)offset, target.Length).CopyTo(target);

    private static byte[] Stored(ComputeDevice device, WeightMatrix matrix)
    {
        var bytes = new byte[matrix.ByteCount];
        device.Download(matrix.Bytes, bytes);
        return bytes;
    }
}

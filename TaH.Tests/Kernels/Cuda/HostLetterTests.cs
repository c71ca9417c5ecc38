using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class HostLetterTests(TestDevices devices)
{
    // Few rows: a small letter; many: a long one.
    [Theory, InlineData(1), InlineData(9)]
    public void Pieces_come_with_every_replay_and_nothing_of_an_earlier_letter_does(int rows)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var letter = new HostLetter(device);
        using IntBuffer first = device.Copy(new int[9]), second = device.Copy(new int[9]);
        Send([1, 2, 3, 4, 5, 6, 7], [8]);
        letter.QueueDelivery();
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 0, 0], first.GetAsArray1D());
        using var graph = CudaGraph.Record(device, letter.QueueDelivery);
        first.MemSetToZero();
        for (var round = 0; round < 20; round++)
        {
            // Shorter than the first, so that entries are left over.
            Send([round, round + 1], [round + 2, round + 3, round + 4]);
            graph.Launch();
        }
        device.Synchronize();
        Assert.Equal([19, 20, 0, 0, 0, 0, 0, 0, 0], first.GetAsArray1D());
        Assert.Equal([21, 22, 23, 0, 0, 0, 0, 0, 0], second.GetAsArray1D());

        void Send(int[] one, int[] other)
        {
            letter.Open(rows);
            Assert.True(letter.TryAdd((ulong)first.NativePtr, MemoryMarshal.AsBytes(one.AsSpan())));
            Assert.True(letter.TryAdd((ulong)second.NativePtr, MemoryMarshal.AsBytes(other.AsSpan())));
            letter.Send();
        }
    }

    [Theory, InlineData(1), InlineData(9), InlineData(64), InlineData(256), InlineData(257)]
    public void Takes_what_there_is_room_for(int rows)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var letter = new HostLetter(device);
        int[] words = [.. Enumerable.Range(1, HostLetter.WordsFor(rows))];
        using var target = device.Copy(new int[words.Length]);
        var most = MemoryMarshal.AsBytes(words.AsSpan());
        Assert.False(letter.TryAdd((ulong)target.NativePtr, most)); // nobody has begun
        letter.Open(rows);
        Assert.True(letter.TryAdd((ulong)target.NativePtr, most));
        Assert.False(letter.TryAdd((ulong)target.NativePtr, most[..sizeof(int)]));
        letter.Send();
        letter.QueueDelivery();
        Assert.Equal(words, target.GetAsArray1D());
    }
}

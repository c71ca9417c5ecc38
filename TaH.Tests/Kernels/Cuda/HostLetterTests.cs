using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class HostLetterTests(TestDevices devices)
{
    [Fact]
    public void Pieces_come_with_every_replay_and_nothing_of_an_earlier_letter_does()
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
            letter.Open();
            Assert.True(letter.TryAdd((ulong)first.NativePtr, MemoryMarshal.AsBytes(one.AsSpan())));
            Assert.True(letter.TryAdd((ulong)second.NativePtr, MemoryMarshal.AsBytes(other.AsSpan())));
            letter.Send();
        }
    }

    [Fact]
    public void Takes_no_more_than_there_is_room_for()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var letter = new HostLetter(device);
        using var target = device.Copy(new int[2 * HostLetter.GroupSize]);
        var most = new byte[2 * HostLetter.GroupSize * sizeof(int)];
        Assert.False(letter.TryAdd((ulong)target.NativePtr, most)); // nobody has begun
        letter.Open();
        Assert.True(letter.TryAdd((ulong)target.NativePtr, most));
        Assert.False(letter.TryAdd((ulong)target.NativePtr, most.AsSpan(0, sizeof(int))));
    }
}

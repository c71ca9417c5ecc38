using System.Net.Sockets;

namespace TaH.Engine;

/// <summary>Sends and receives all bytes or says that the other side is gone.</summary>
internal static class WholeMessages
{
    /// <summary>False if the connection broke.</summary>
    public static bool TrySendAll(this Socket socket, ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0) bytes = bytes[socket.Send(bytes)..];
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>False if the connection broke, or nothing came in the socket's time.</summary>
    public static bool TryReceiveAll(this Socket socket, Span<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                var count = socket.Receive(bytes);
                if (count == 0) return false;
                bytes = bytes[count..];
            }
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Whether the other side has closed the connection, or its machine does not answer; bytes that wait to be read are no sign of it.</summary>
    public static bool IsClosedByPeer(this Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}

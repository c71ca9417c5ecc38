namespace TaH.Engine;

/// <summary>How far one file of a pull is. The first reports name every file, so their sizes add up to the whole before any byte comes.</summary>
/// <param name="File">The file's path in the model.</param>
/// <param name="Bytes">Bytes of it that are on the disk. It falls back to 0 where a server makes the download start over.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsDone">All its bytes are here and their hash is right.</param>
public readonly record struct PullProgress(string File, long Bytes, long Size, bool IsDone);

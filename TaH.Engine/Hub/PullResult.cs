namespace TaH.Engine;

/// <summary>What a pull brought.</summary>
/// <param name="Directory">The checkpoint directory, inside the cache.</param>
/// <param name="Commit">The commit that the revision stands for, 40 hex digits.</param>
/// <param name="Files">The files in it that belong to the checkpoint.</param>
/// <param name="DownloadedBytes">Bytes that came over the network; 0 where all was there.</param>
public sealed record PullResult(string Directory, string Commit, IReadOnlyList<string> Files, long DownloadedBytes);

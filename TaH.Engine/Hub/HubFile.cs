using System.Security.Cryptography;
using System.Text;

namespace TaH.Engine;

/// <summary>One file of a model as the hub's listing gives it, checked: its path cannot leave the snapshot and its hash can name a blob.</summary>
/// <param name="Path">Relative, with forward slashes.</param>
/// <param name="Size">In bytes.</param>
/// <param name="ETag">
/// SHA-256 of the content (large files, 64 hex digits) or SHA-1 as git hashes it (the others, 40): the blob's name in the cache.
/// </param>
internal sealed record HubFile(string Path, long Size, string ETag)
{
    private const int Sha256Digits = 64;

    public string HashName => ETag.Length == Sha256Digits ? "SHA-256" : "git SHA-1";

    /// <summary>A hash ready for the content's first byte. Git hashes a header with the length in front of the content.</summary>
    public IncrementalHash StartHash()
    {
        if (ETag.Length == Sha256Digits) return IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {Size}\0"));
        return hash;
    }
}

using System.Globalization;

namespace TaH.Engine;

/// <summary>Which of a run's processes this is, and where they meet.</summary>
/// <param name="Rank">From 0.</param>
/// <param name="WorldSize">How many there are.</param>
/// <param name="LocalRank">Which of this machine's; it has the card of that number.</param>
/// <param name="MasterAddress">The machine of rank 0.</param>
/// <param name="MasterPort">Where rank 0 listens.</param>
public sealed record RankPlace(int Rank, int WorldSize, int LocalRank = 0, string MasterAddress = "127.0.0.1", int MasterPort = RankPlace.UsualPort)
{
    /// <summary>The port without MASTER_PORT, as in torch.</summary>
    public const int UsualPort = 29500;

    private const int MostRanks = 65536;
    private const int LastPort = 65535;

    /// <summary>Reads what launchers leave in the environment: torchrun's names, or Slurm's where it was asked for.</summary>
    /// <param name="isAsked">
    /// Whether the run shall be one of several. Not needed with RANK and WORLD_SIZE; Slurm's variables are in every allocation and count only then.
    /// </param>
    /// <param name="variable">A variable's value; null where it is not set.</param>
    /// <returns>Null for a run of one process.</returns>
    /// <exception cref="UsageException">A variable is missing or contradicts another.</exception>
    public static RankPlace? FromEnvironment(bool isAsked, Func<string, string?> variable)
    {
        string? Read(string name) => variable(name) is { Length: > 0 } value ? value : null;
        if (Read("RANK") is not null || Read("WORLD_SIZE") is not null) return Of(Read, "RANK", "WORLD_SIZE", "LOCAL_RANK");
        if (!isAsked) return null;
        if (Read("SLURM_PROCID") is not null) return Of(Read, "SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID");
        throw new UsageException("--distributed finds neither RANK and WORLD_SIZE, which torchrun sets, nor SLURM_PROCID, which srun sets");
    }

    private static RankPlace Of(Func<string, string?> read, string rankName, string worldName, string localName)
    {
        var world = Number(read, worldName, 1, MostRanks);
        var rank = Number(read, rankName, 0, MostRanks);
        if (rank >= world) throw new UsageException($"{rankName} is {rank}, and {worldName} is {world}: ranks go from 0 to {world - 1}");
        var local = read(localName) is null ? 0 : Number(read, localName, 0, MostRanks);
        if (world == 1) return new RankPlace(rank, world, local);
        var address = read("MASTER_ADDR") ?? throw new UsageException("MASTER_ADDR is not set: it names the machine of rank 0, where all ranks meet");
        var port = read("MASTER_PORT") is null ? UsualPort : Number(read, "MASTER_PORT", 1, LastPort);
        // There torchrun itself listens at the port: workers of torch are its guests.
        if (read("TORCHELASTIC_USE_AGENT_STORE") == "True") port = port == LastPort ? port - 1 : port + 1;
        return new RankPlace(rank, world, local, address, port);
    }

    private static int Number(Func<string, string?> read, string name, int least, int most)
    {
        var text = read(name) ?? throw new UsageException($"{name} is not set; a run of several processes needs RANK and WORLD_SIZE in each of them");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{name} is {Words.Quoted(text)}, a whole number from {least} to {most} was expected");
    }
}

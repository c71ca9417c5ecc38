namespace TaH.Tests;

public class RankPlaceTests
{
    [Theory]
    [InlineData("RANK=3 WORLD_SIZE=8 LOCAL_RANK=1 MASTER_ADDR=node1 MASTER_PORT=1234", 3, 8, 1, "node1", 1234)]
    [InlineData("RANK=0 WORLD_SIZE=2 MASTER_ADDR=node1", 0, 2, 0, "node1", 29500)]
    [InlineData("RANK=0 WORLD_SIZE=1", 0, 1, 0, "127.0.0.1", 29500)]
    [InlineData("RANK=1 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=1234 TORCHELASTIC_USE_AGENT_STORE=True", 1, 2, 0, "a", 1235)]
    [InlineData("RANK=1 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=1234 TORCHELASTIC_USE_AGENT_STORE=False SLURM_PROCID=0", 1, 2, 0, "a", 1234)]
    [InlineData("--distributed SLURM_PROCID=5 SLURM_NTASKS=6 SLURM_LOCALID=2 MASTER_ADDR=node1", 5, 6, 2, "node1", 29500)]
    public void Is_what_launchers_say(string environment, int rank, int world, int local, string address, int port) =>
        Assert.Equal(new RankPlace(rank, world, local, address, port), Read(environment));

    [Theory]
    [InlineData("")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=4")] // any shell of an allocation
    [InlineData("RANK= WORLD_SIZE=")]
    public void Is_none_for_a_process_alone(string environment) => Assert.Null(Read(environment));

    [Theory]
    [InlineData("RANK=2 WORLD_SIZE=2", "RANK is 2, and WORLD_SIZE is 2: ranks go from 0 to 1")]
    [InlineData("RANK=-1 WORLD_SIZE=2", "RANK is \"-1\", a whole number from 0 to 65536 was expected")]
    [InlineData("RANK=0 WORLD_SIZE=two", "WORLD_SIZE is \"two\", a whole number from 1 to 65536 was expected")]
    [InlineData("RANK=0 WORLD_SIZE=0", "WORLD_SIZE is \"0\", a whole number from 1 to 65536 was expected")]
    [InlineData("RANK=0", "WORLD_SIZE is not set; a run of several processes needs RANK and WORLD_SIZE in each of them")]
    [InlineData("WORLD_SIZE=2", "RANK is not set; a run of several processes needs RANK and WORLD_SIZE in each of them")]
    [InlineData("RANK=0 WORLD_SIZE=2", "MASTER_ADDR is not set: it names the machine of rank 0, where all ranks meet")]
    [InlineData("RANK=0 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=70000", "MASTER_PORT is \"70000\", a whole number from 1 to 65535 was expected")]
    [InlineData("--distributed", "--distributed finds neither RANK and WORLD_SIZE, which torchrun sets, nor SLURM_PROCID, which srun sets")]
    [InlineData("--distributed SLURM_PROCID=0", "SLURM_NTASKS is not set; a run of several processes needs RANK and WORLD_SIZE in each of them")]
    public void A_contradiction_is_one_sentence(string environment, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<UsageException>(() => Read(environment)).Message);

    [Fact]
    public void A_card_for_all_ranks_is_refused()
    {
        var second = new DeviceSelector(DeviceKind.Cuda, 1);
        Assert.StartsWith(
            "--device cuda:1 is one card, and each rank has its own", Assert.Throws<UsageException>(() => Communicators.DeviceOf(new RankPlace(0, 2), second)).Message,
            StringComparison.Ordinal);
        Assert.Equal(second, Communicators.DeviceOf(new RankPlace(0, 1), second));
        Assert.Equal(second, Communicators.DeviceOf(null, second));
        var processor = new DeviceSelector(DeviceKind.Cpu, 0);
        Assert.Equal(processor, Communicators.DeviceOf(new RankPlace(1, 2), processor));
    }

    private static RankPlace? Read(string environment)
    {
        var words = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var variables = words.Where(word => word.Contains('=', StringComparison.Ordinal)).Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return RankPlace.FromEnvironment(words.Contains("--distributed"), name => variables.GetValueOrDefault(name));
    }
}

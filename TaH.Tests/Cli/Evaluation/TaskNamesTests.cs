using TaH.Cli;

namespace TaH.Tests;

public class TaskNamesTests
{
    [Theory]
    [InlineData("weights/tah-tiny/", "gsm8k", null, "tah-tiny-gsm8k")]
    [InlineData("nics-efc/TaH-plus-1.7B", "gsm8k, math500", "2/4", "TaH-plus-1.7B-gsm8k+math500-2of4")]
    [InlineData("m", "gsm8k,math500,amc23,aime24,aime25,olympiadbench,gpqa_diamond,mmlu_stem", null, "m-gsm8k+7-more")]
    public void Results_go_to_a_directory_that_says_what_they_are(string model, string tasks, string? shard, string name) =>
        Assert.Equal(Path.Combine("eval", name), TaskNames.OutputFor(model, TaskNames.Resolve(tasks), shard));
}

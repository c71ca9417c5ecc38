using TaH.Kernels;

namespace TaH.Cli;

[Verb("devices", HelpText = "List what this machine can compute on.")]
internal sealed class DevicesVerb : Verb
{
    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("--device", "name", "memory", "abilities");
        foreach (var device in DeviceCatalog.All())
            table.AddRow(new Text(device.Selector), new Text(device.Name), new Text(Size.Of(device.MemoryBytes)), new Text(device.Abilities));
        terminal.Out.Write(table);
        return ExitCode.Success;
    }
}

namespace TaH.Cli;

internal static class Program
{
    private static int Main(string[] args)
    {
        using var terminal = Terminal.OfProcess();
        return CommandLineTool.Run(args, terminal);
    }
}

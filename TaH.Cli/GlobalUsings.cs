global using CommandLine;
global using Spectre.Console;
global using TaH.Engine;

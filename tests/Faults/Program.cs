// Four programs in one, so that the sweep can start the very server it kills: with --kills the sweep itself, with
// "serve" in front the server under test, with "engrave" a server that one starts itself, and else the tests.
using AgentMcp.Faults.Sweep;
using AgentMcp.Faults.Victim;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

return args switch
{
    ["serve", .. var rest] => await ServerUnderTest.Run(rest),
    ["engrave"] => await Engraver.Run(),
    _ when args.Contains("--kills") => await SweepCommand.Run(args),
    _ when args.Any(argument => argument is "--server" or "--internal-msbuild-node") =>
        await TestPlatformTestFramework.RunAsync(args, AgentMcp.Faults.SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    _ => await ConsoleRunner.Run(args),
};

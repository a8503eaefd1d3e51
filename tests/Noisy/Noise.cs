using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace AgentMcp.Noisy;

/// <summary>Every way to standard output that tools and libraries use: each line names its own.</summary>
public static class Noise
{
    private const int StandardOutput = 1;

    // A library that greets whoever loads it.
#pragma warning disable CA1810, CA2255
    static Noise()
#pragma warning restore CA1810, CA2255
    {
        Console.WriteLine("noise of a library that is loaded");
        Print("noise of native code that is loaded\n");
    }

    public static string Shout()
    {
        Console.WriteLine("noise of a tool");
        Console.Write("noise without an end of its line");
        using (var output = Console.OpenStandardOutput())
        {
            output.Write("\nnoise of a tool that opens standard output itself\n"u8);
        }

        Print("noise of native code\n");
        using var child = Process.Start(new ProcessStartInfo("echo", ["noise of a program that a tool starts"]))!;
        child.WaitForExit();
        return "shouted";
    }

    private static void Print(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (write(StandardOutput, bytes, bytes.Length) != bytes.Length)
        {
            throw new IOException("Standard output takes nothing.");
        }
    }

#pragma warning disable SYSLIB1054, CA5392 // three plain arguments need no generated marshalling
    [DllImport("libc")]
    private static extern nint write(int descriptor, byte[] bytes, nint count);
#pragma warning restore SYSLIB1054, CA5392
}

"""Runs through a Batch API: files of requests, job steps, results and costs."""

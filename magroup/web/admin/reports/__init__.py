"""The tab Reports: what is wanted, its screens, graphs and files, behind the 4-eyes login (the manual's "Reports")."""
